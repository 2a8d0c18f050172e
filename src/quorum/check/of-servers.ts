import { nameOf, type Place } from "../place.ts";
import { infoFields } from "../rows.ts";
import { type Finding, finding, type Unchecked } from "./codes.ts";
import { expiry, MAX_SKEW_MS } from "./of-sentinels.ts";

/** What a server said when it was asked itself; null: it did not answer that. */
export interface ServerTold extends Place {
  readonly master: string;
  readonly isMaster: boolean;
  /** Why it could not be asked at all. */
  readonly error: string | null;
  /** Of CONFIG GET, without the values of secrets: for those `set` or empty. */
  readonly config: ReadonlyMap<string, string>;
  readonly info: string | null;
  /** Of what a Sentinel needs, the commands that the server does not know. */
  readonly unknownCommands: readonly string[];
  /** Whom Sentinels say they are, and what that user may not do; null: it could not be found out. */
  readonly refusedToUser: { readonly user: string; readonly commands: readonly string[] } | null;
  /** Its clock minus ours. */
  readonly skewMs: number | null;
  /** How long its certificate is still good for; null: it showed none. */
  readonly certificateLeftMs: number | null;
  /** What was asked in vain, and why. */
  readonly unchecked: readonly Unchecked[];
}

/** About the servers of a master, by their own words. */
export function serverFindings(all: readonly ServerTold[]): Finding[] {
  const answered = all.filter(({ error }) => error === null);
  const needsPassword = answered.some(({ config }) => config.get("requirepass") === "set");
  return [...answered.flatMap((one) => ofServer(one, needsPassword)), ...skew(answered)];
}

/** What a switch by METHOD fence adds [COORD-FENCE]. */
const FENCE = 1_000_000_000;

function ofServer(one: ServerTold, needsPassword: boolean): Finding[] {
  const { master, config } = one;
  const who = `${one.isMaster ? "master" : "replica"} ${nameOf(one)}`;
  const found: Finding[] = [];
  const add = (code: Parameters<typeof finding>[0], what: string) =>
    found.push(finding(code, master, `${who} ${what}`));
  if (config.get("min-replicas-to-write") === "0")
    add("MIN_REPLICAS_OFF", "takes, as a master, writes that no replica has");
  const toWrite = Number(config.get("min-replicas-to-write") ?? 0);
  if (toWrite >= FENCE) {
    add(
      "FENCE_LEFT",
      `refuses writes as a master: its min-replicas-to-write was ${toWrite - FENCE}`,
    );
  }
  if (needsPassword && config.get("masterauth") === "") {
    add("MASTERAUTH_MISSING", "has no masterauth, and servers of the group ask for a password");
  }
  if (config.get("replica-read-only") === "no")
    add("REPLICA_WRITABLE", "takes writes as a replica");
  if (one.unknownCommands.length > 0) {
    add("COMMAND_RENAMED", `does not know ${one.unknownCommands.join(", ")}`);
  }
  if (one.refusedToUser !== null && one.refusedToUser.commands.length > 0) {
    const { user, commands } = one.refusedToUser;
    add("ACL_GAP", `does not let the user ${user} of the Sentinels do: ${commands.join(", ")}`);
  }
  const expires = expiry(one.certificateLeftMs);
  if (expires !== null) add("CERT_EXPIRES_SOON", expires);
  const restarter = restarterOf(one);
  if (restarter !== null && isUnsaved(config)) {
    add("NO_PERSISTENCE_AND_RESTART", `keeps nothing on disk, and ${restarter} starts it again`);
  }
  return found;
}

function isUnsaved(config: ServerTold["config"]): boolean {
  return config.get("save") === "" && config.get("appendonly") === "no";
}

/** Who starts a server again that has ended, as far as it shows. */
function restarterOf({ info }: ServerTold): string | null {
  const fields = infoFields(info ?? "");
  const supervisor = fields.get("process_supervised") ?? "no";
  if (supervisor !== "no") return supervisor;
  return fields.get("process_id") === "1" ? "its container" : null;
}

/** Among each other: which of the clocks is right nobody knows. */
function skew(all: readonly ServerTold[]): Finding[] {
  const known = all.filter(({ skewMs }) => skewMs !== null);
  const [first, ...others] = [...known].sort((a, b) => (a.skewMs ?? 0) - (b.skewMs ?? 0));
  const last = others.at(-1);
  if (first === undefined || last === undefined) return [];
  const apartMs = (last.skewMs ?? 0) - (first.skewMs ?? 0);
  if (apartMs <= MAX_SKEW_MS) return [];
  const what = `the clock of ${nameOf(last)} is ${(apartMs / 1_000).toFixed(1)} s ahead of that of ${nameOf(first)}`;
  return [finding("CLOCK_SKEW", first.master, what)];
}
