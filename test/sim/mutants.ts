import { spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { attempt } from "./campaign.ts";
import { LifeError } from "./life.ts";
import { planLife } from "./plan.ts";

/**
 * Checkers that cannot fail prove nothing. Each of these faults is put into a copy of the compiled
 * core, never into src, and the simulator must find it within a number of seeds.
 */
interface Mutant {
  readonly name: string;
  /** Below the compiled `src/core`, or a path from `src` on. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

const MUTANTS: readonly Mutant[] = [
  {
    name: "the vote is not in the file",
    file: "create-state.js",
    from: "leaderEpoch: master.leaderEpoch,",
    to: "leaderEpoch: 0n,",
  },
  {
    name: "the vote is said before it is saved",
    file: "commands/failover.js",
    from: "if (!ctx.state.unsaved)",
    to: "if (true)",
  },
  {
    name: "a second vote in the same epoch",
    file: "election.js",
    from: "master.leaderEpoch < epoch && master.configEpoch < epoch",
    to: "master.leaderEpoch <= epoch && master.configEpoch < epoch",
  },
  {
    name: "the majority is off by one",
    file: "election.js",
    from: "Math.floor(voters / 2) + 1",
    to: "Math.floor(voters / 2)",
  },
  {
    name: "votes of other epochs count",
    file: "election.js",
    from: "if (leader !== null && leaderEpoch === epoch)",
    to: "if (leader !== null)",
  },
  {
    name: "a hello of an equal config epoch is believed",
    file: "hello.js",
    from: "hello.configEpoch <= master.configEpoch",
    to: "hello.configEpoch < master.configEpoch",
  },
  {
    name: "the promotion keeps the old config epoch",
    file: "failover.js",
    from: "master.configEpoch = failover.epoch;",
    to: "",
  },
  {
    name: "the epoch falls when a lower one is heard",
    file: "context.js",
    from: "if (epoch <= ctx.state.currentEpoch)",
    to: "if (epoch === ctx.state.currentEpoch)",
  },
  {
    name: "the selection prefers the larger priority",
    file: "select-replica.js",
    from: "return a.priority - b.priority;",
    to: "return b.priority - a.priority;",
  },
  {
    name: "the selection prefers the smaller offset",
    file: "select-replica.js",
    from: "a.replOffset > b.replOffset ? -1 : 1",
    to: "a.replOffset > b.replOffset ? 1 : -1",
  },
  {
    name: "priority 0 is chosen",
    file: "select-replica.js",
    from: "if (replica.priority === 0)",
    to: "if (false)",
  },
  {
    name: "a returning master is left as it is",
    file: "refresh.js",
    from: 'repair(ctx, replica, "+convert-to-slave");',
    to: "",
  },
  {
    name: "a replica of somebody else is left as it is",
    file: "refresh.js",
    from: 'repair(ctx, replica, "+fix-slave-config");',
    to: "",
  },
  {
    name: "a restarted attempt never comes",
    file: "failover.js",
    from: "const waitMs = 2 * master.failoverTimeoutMs;",
    to: "const waitMs = Infinity;",
  },
  {
    name: "a new Sentinel is saved lazily",
    file: "hello.js",
    from: "save(ctx);\n    return peer;",
    to: "ctx.state.lazySaveAt ??= ctx.now + 100;\n    return peer;",
  },
  {
    name: "a replica that was promoted already is not preferred",
    file: "select-replica.js",
    from: "candidates.find(isPromotedAlready) ?? candidates[0]",
    to: "candidates[0]",
  },
  {
    name: "the leader counts its own vote before it is saved",
    file: "failover.js",
    from: "const isLeader = !ctx.state.unsaved &&",
    to: "const isLeader =",
  },
  {
    name: "ODOWN with one Sentinel fewer than the quorum",
    file: "down.js",
    from: "const odown = agreeing >= master.quorum;",
    to: "const odown = master.sdown && agreeing + 1 >= master.quorum;",
  },
  {
    name: "a stale configuration is believed",
    file: "hello.js",
    from: "hello.configEpoch <= master.configEpoch",
    to: "hello.configEpoch === master.configEpoch",
  },
  {
    name: "the selection does not wait for the INFO that it asked for",
    file: "failover.js",
    from: "return [...master.replicas.values()].some((replica) => !replica.sdown && isPending",
    to: "return [].some((replica) => !replica.sdown && isPending",
  },
  {
    name: "a standstill is not noticed",
    file: "tilt.js",
    from: "if (gap >= 0 && gap <= state.periods.tiltTrigger)",
    to: "if (true)",
  },
  {
    name: "a server is down after a tenth of the time",
    file: "down.js",
    from: "silentFor(ctx, instance) > instance.downAfterMs ||",
    to: "silentFor(ctx, instance) > instance.downAfterMs / 10 ||",
  },
  {
    name: "the file names the old master after the promotion",
    file: "create-state.js",
    from: "const current = currentAddress(master);",
    to: "const current = master.address;",
  },
  {
    name: "the master is put in the place of one that returns",
    file: "refresh.js",
    from: "replicateFrom(ctx, replica, replica.master.address)",
    to: '(replica.roleReported === "master" ? replicateFrom(ctx, replica.master, replica.address) : replicateFrom(ctx, replica, replica.master.address))',
  },
  {
    name: "effects are performed before the save",
    file: "src/runtime/daemon.js",
    from: "if (this.#held === null)\n            for",
    to: "if (true)\n            for",
  },
  {
    name: "a failed save is taken for a good one",
    file: "src/runtime/daemon.js",
    from: "outcome.ok ?",
    to: "true ?",
  },
];

const SEEDS_EACH = 1_500;
const FIRST_SEED = 1;

const root = fileURLToPath(import.meta.url).split(`${sep}dist${sep}`)[0] ?? "";
const dist = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** A copy of the compiled tree with one fault in it. */
function plant({ name, file, from, to }: Mutant): string {
  const folder = join(dist, "mutants", name.replaceAll(" ", "-"));
  rmSync(folder, { recursive: true, force: true });
  for (const part of ["src/core", "src/config", "src/runtime", "test/sim"]) {
    cpSync(join(dist, part), join(folder, part), { recursive: true });
  }
  const path = join(folder, ...(file.startsWith("src/") ? [file] : ["src", "core", file]));
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  return folder;
}

interface Find {
  readonly seed: number;
  readonly message: string;
  /** The shrunk plan, if it was wanted. */
  readonly plan: object | null;
}

/** Resolves with what showed the fault, or null. A seed that the core itself fails shows nothing. */
async function hunt(mutant: Mutant, isShrunk: boolean): Promise<Find | null> {
  const folder = plant(mutant);
  let find = await search(folder, FIRST_SEED, isShrunk);
  while (find && !isLivedThrough(find.seed)) {
    process.stdout.write(`THE CORE ITSELF fails seed ${find.seed}: ${find.message}\n`);
    find = await search(folder, find.seed + 1, isShrunk);
  }
  rmSync(folder, { recursive: true, force: true });
  return find;
}

function isLivedThrough(seed: number): boolean {
  return !(attempt(planLife(seed)) instanceof LifeError);
}

async function search(folder: string, from: number, isShrunk: boolean): Promise<Find | null> {
  const sim = join(folder, "test", "sim", "sim.js");
  const range = ["--from", `${from}`, "--seeds", `${FIRST_SEED + SEEDS_EACH - from}`];
  const args = [sim, ...range, "--jobs", "1", ...(isShrunk ? [] : ["--brief"])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await new Promise((ended) => child.on("close", ended));
  const [, seed, message = ""] = /^seed (\d+): (.*)$/m.exec(output) ?? [];
  const plan = /^\{"options.*"faults".*$/m.exec(output)?.[0];
  if (seed === undefined) return null;
  return { seed: Number(seed), message, plan: plan === undefined ? null : JSON.parse(plan) };
}

/** The real core must live through it ever after: `scenarios.test.ts`. */
function keep({ name }: Mutant, plan: object): void {
  const path = join(root, "test", "sim", "scenarios", `${name.replaceAll(" ", "-")}.json`);
  writeFileSync(path, `${JSON.stringify({ shows: name, ...plan }, null, 2)}\n`);
}

/**
 * With words, only the mutants whose name contains one of them; with `--keep`, the shrunk life that
 * shows each is kept as a scenario.
 */
async function main(args: readonly string[]): Promise<number> {
  const isKept = args.includes("--keep");
  const words = args.filter((arg) => arg !== "--keep");
  const isMeant = ({ name }: Mutant) => words.some((word) => name.includes(word));
  const chosen = words.length === 0 ? MUTANTS : MUTANTS.filter(isMeant);
  const waiting = [...chosen];
  let missed = 0;
  const worker = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const found = await hunt(mutant, isKept);
      if (found?.plan) keep(mutant, found.plan);
      if (found === null) missed++;
      const verdict =
        found === null
          ? `NOT FOUND in ${SEEDS_EACH} seeds`
          : `found by seed ${found.seed}: ${found.message}`;
      process.stdout.write(`${mutant.name}: ${verdict}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  process.stdout.write(`${chosen.length - missed} passed, ${missed} failed\n`);
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
