import { DEFAULT_GUARDS, type Guards } from "../../core/guards.ts";
import { StartError } from "../start-error.ts";

const MODES = {
  reborn: ["off", "warn", "failover"],
  lineage: ["off", "warn", "enforce"],
} as const;
const KNOWN = Object.entries(MODES).map(([name, modes]) => `${name}=${modes.join("|")}`);
/** A day; longer is no use. */
const MAX_REFUSED_AFTER_MS = 86_400_000;

/** For `--help`, in the form of yargs. */
export const GUARD_OPTION = {
  guard: {
    type: "string",
    default: `reborn=${DEFAULT_GUARDS.reborn},lineage=${DEFAULT_GUARDS.lineage}`,
    describe: `against lost data: ${KNOWN.join(", ")}; also REDIS_SENTINEL_TS_GUARD`,
  },
  "refused-after": {
    type: "string",
    default: `${DEFAULT_GUARDS.refusedAfterMs}`,
    describe:
      "milliseconds after which a master that refuses connections is down, 0: as down-after says; also REDIS_SENTINEL_TS_REFUSED_AFTER",
  },
} as const;

/**
 * `--guard reborn=warn`, several with commas or one by one, and `--refused-after 1500`, anywhere and also with `=`. The
 * last wins. What is not said is so in the environment, or as usual [D-REBORN] [D-LINEAGE] [D-REFUSED].
 *
 * @throws StartError for a guard or a mode that there is none, and for what is no number of milliseconds.
 */
export function takeGuards(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): { readonly guards: Guards; readonly rest: readonly string[] } {
  const guard = takeFlag("--guard", args);
  const refused = takeFlag("--refused-after", guard.rest);
  const said = [env.REDIS_SENTINEL_TS_GUARD ?? "", ...guard.values];
  const words = said.flatMap((text) => text.split(",")).filter((word) => word !== "");
  const refusedAfter = refused.values.at(-1) ?? (env.REDIS_SENTINEL_TS_REFUSED_AFTER || "0");
  const guards = { ...words.reduce(apply, DEFAULT_GUARDS), refusedAfterMs: millis(refusedAfter) };
  return { guards, rest: refused.rest };
}

function takeFlag(flag: string, args: readonly string[]): { values: string[]; rest: string[] } {
  const values: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === flag) values.push(args[++at] ?? "");
    else if (arg.startsWith(`${flag}=`)) values.push(arg.slice(flag.length + 1));
    else rest.push(arg);
  }
  return { values, rest };
}

function apply(guards: Guards, word: string): Guards {
  const [name, mode, ...more] = word.split("=");
  const reborn = MODES.reborn.find((known) => known === mode);
  const lineage = MODES.lineage.find((known) => known === mode);
  if (more.length === 0 && name === "reborn" && reborn) return { ...guards, reborn };
  if (more.length === 0 && name === "lineage" && lineage) return { ...guards, lineage };
  throw new StartError(`The guard '${word}' is not known: use ${KNOWN.join(" or ")}`);
}

function millis(text: string): number {
  const ms = /^\d{1,8}$/.test(text) ? Number(text) : -1;
  if (ms >= 0 && ms <= MAX_REFUSED_AFTER_MS) return ms;
  throw new StartError(`'${text}' after --refused-after is no number of milliseconds`);
}
