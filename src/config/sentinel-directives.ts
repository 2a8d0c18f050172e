import { leadingInt32, leadingInteger } from "../base/integers.ts";
import { MAX_EPOCH } from "../core/defaults.ts";
import { parseIp } from "../core/ip.ts";
import {
  MASTER_SETTINGS,
  namesOf,
  SETTING_FIELDS,
  type SettingField,
} from "../core/master-settings.ts";
import { fromOldSpelling } from "../core/old-address.ts";
import type { Epoch } from "../core/state.ts";
import { yesNo } from "./directive-kinds.ts";
import { type MasterDraft, newMaster, type SentinelDraft } from "./sentinel-draft.ts";

/** The `sentinel` directives of the file [FILE-SENTINEL]; C: sentinelHandleConfiguration. */

/** What applying a line needs beyond its words. */
interface ApplyContext {
  readonly draft: SentinelDraft;
  isExecutable(path: string): boolean;
  /** Whether this line stands in an included file. */
  readonly included: boolean;
  /** The line means something, though not what it says to the letter; a sentence without its end. */
  warn(sentence: string): void;
}

export type Pass = "global" | "monitor" | "master";
/** Lines take effect pass by pass, so that a master's options may precede its `monitor` [FILE-PASSES]. */
export const PASSES: readonly Pass[] = ["global", "monitor", "master"];

/** C's sentence why the line is wrong, or null. */
type Reason = string | null;

interface SentinelDirective {
  readonly pass: Pass;
  /** Words after the directive's name. */
  readonly args: readonly number[];
  apply(ctx: ApplyContext, args: readonly string[]): Reason;
}

const UNRECOGNIZED = "Unrecognized sentinel configuration statement.";

/** The pass to which a line belongs, by its first word after `sentinel`. */
export function passOf(name: string): Pass {
  return SENTINEL_DIRECTIVES.get(name.toLowerCase())?.pass ?? "master";
}

/** Applies the words after `sentinel` to the draft; a sentence when they are wrong. */
export function applySentinelLine(ctx: ApplyContext, words: readonly string[]): Reason {
  const [name = ""] = words;
  const directive = SENTINEL_DIRECTIVES.get(name.toLowerCase());
  if (directive === undefined || !directive.args.includes(words.length - 1)) return UNRECOGNIZED;
  return directive.apply(ctx, words.slice(1));
}

function global(
  apply: (draft: SentinelDraft, value: string) => Reason | undefined,
): SentinelDirective {
  return {
    pass: "global",
    args: [1],
    apply: ({ draft }, [value = ""]) => apply(draft, value) ?? null,
  };
}

function perMaster(
  argCount: number,
  apply: (master: MasterDraft, args: readonly string[], ctx: ApplyContext) => Reason | undefined,
): SentinelDirective {
  return {
    pass: "master",
    args: [argCount],
    apply(ctx, args) {
      const [name = ""] = args;
      const master = ctx.draft.masters.get(name);
      if (master === undefined) return unknownMaster(ctx, name);
      return apply(master, args.slice(1), ctx) ?? null;
    },
  };
}

/**
 * SENTINEL REMOVE leaves the lines of a master in included files, which no rewrite changes, and a C
 * Sentinel never starts again. Here they count for nothing once the file was saved, which its id
 * tells; before that the name is more likely a typo.
 */
function unknownMaster({ draft, included, warn }: ApplyContext, name: string): Reason {
  if (!included || draft.myId === null) return "No such master with specified name.";
  warn(`no master '${name}' is watched, so the line has no effect`);
  return null;
}

/** Sets a text unless the word is empty, which leaves it as it is. */
function globalText(field: "announceIp" | "sentinelUser" | "sentinelPass"): SentinelDirective {
  return global((draft, word) => {
    if (word !== "") draft[field] = word;
  });
}

function globalFlag(
  field: "denyScriptsReconfig" | "resolveHostnames" | "announceHostnames",
  reason: string,
): SentinelDirective {
  return global((draft, word) => {
    const value = yesNo(word);
    if (value === null) return reason;
    draft[field] = value;
    return null;
  });
}

function settingDirectives(): Record<string, SentinelDirective> {
  const fields = SETTING_FIELDS.filter((field) => MASTER_SETTINGS[field].hasLine);
  return Object.fromEntries(
    fields.flatMap((field) => {
      const directive = ofSetting(field);
      return namesOf(MASTER_SETTINGS[field]).map((name) => [name, directive]);
    }),
  );
}

function ofSetting<K extends SettingField>(field: K): SentinelDirective {
  const setting = MASTER_SETTINGS[field];
  return perMaster(2, ({ settings }, [word = ""], { isExecutable }) => {
    const read = setting.fromFile(word, isExecutable);
    if ("refusal" in read) return read.refusal;
    settings[field] = read.value;
    return null;
  });
}

const knownReplica = perMaster(3, (master, [host = "", port = ""], ctx) => {
  const at = readAddress(ctx, host, port);
  if (typeof at === "string") return at;
  // C refuses a second line for one address. Redis 7.0 writes such files itself (known-slave and
  // known-replica), and the lines say the same, so nothing is lost by taking them as one [D-KNOWN-TWICE].
  master.replicas.set(`${host} ${at.port}`, at);
  return null;
});

const SENTINEL_DIRECTIVES: ReadonlyMap<string, SentinelDirective> = new Map(
  Object.entries({
    "announce-ip": globalText("announceIp"),
    "announce-port": global((draft, port) => {
      draft.announcePort = leadingInt32(port);
    }),
    "sentinel-user": globalText("sentinelUser"),
    "sentinel-pass": globalText("sentinelPass"),
    "deny-scripts-reconfig": globalFlag(
      "denyScriptsReconfig",
      "Please specify yes or no for the deny-scripts-reconfig options.",
    ),
    "resolve-hostnames": globalFlag(
      "resolveHostnames",
      "Please specify yes or no for the resolve-hostnames option.",
    ),
    "announce-hostnames": globalFlag(
      "announceHostnames",
      "Please specify yes or no for the announce-hostnames option.",
    ),
    "current-epoch": {
      pass: "global",
      args: [1],
      apply(ctx, [word = ""]) {
        raiseCurrentEpoch(ctx.draft, readEpoch(ctx, word));
        return null;
      },
    },
    myid: global((draft, id) => {
      if (id.length !== 40) return "Malformed Sentinel id in myid option.";
      draft.myId = id;
      return null;
    }),
    monitor: { pass: "monitor", args: [4], apply: monitor },
    ...settingDirectives(),
    "config-epoch": perMaster(2, (master, [word = ""], ctx) => {
      master.configEpoch = readEpoch(ctx, word);
      raiseCurrentEpoch(ctx.draft, master.configEpoch);
    }),
    "leader-epoch": perMaster(2, (master, [word = ""], ctx) => {
      master.leaderEpoch = readEpoch(ctx, word);
    }),
    "known-replica": knownReplica,
    "known-slave": knownReplica,
    "known-sentinel": { pass: "master", args: [3, 4], apply: knownSentinel },
    "rename-command": perMaster(3, renameCommand),
  } satisfies Record<string, SentinelDirective>),
);

/** How the lines of each setting of a master begin, in the order in which they are written. */
export const SETTING_OPTIONS: readonly SettingOption[] = SETTING_FIELDS.filter(
  (field) => MASTER_SETTINGS[field].hasLine,
).map((field) => {
  const { name, valkeyName } = MASTER_SETTINGS[field];
  return { field, redis: `sentinel ${name}`, valkey: valkeyName && `sentinel ${valkeyName}` };
});

interface SettingOption {
  readonly field: SettingField;
  readonly redis: string;
  readonly valkey: string | null;
}

/** How a line begins, by the name of its directive. */
export const SENTINEL_OPTIONS: ReadonlyMap<string, string> = new Map(
  [...SENTINEL_DIRECTIVES.keys()].map((name) => [name, `sentinel ${name}`]),
);

/** Those of them that speak of a master. */
export const MASTER_OPTIONS: ReadonlySet<string> = new Set(
  [...SENTINEL_OPTIONS].filter(([name]) => passOf(name) !== "global").map(([, option]) => option),
);

/** Those that speak of the Sentinel itself. */
export const GLOBAL_OPTIONS: ReadonlySet<string> = new Set(
  [...SENTINEL_OPTIONS.values()].filter((option) => !MASTER_OPTIONS.has(option)),
);

function renameCommand(
  master: MasterDraft,
  [from = "", to = ""]: readonly string[],
  { included }: ApplyContext,
): Reason {
  const key = from.toLowerCase();
  if (isRepeated(master.renamedCommands.get(key), included)) {
    return "Same command renamed multiple times with rename-command.";
  }
  master.renamedCommands.set(key, { from, to, included });
  return null;
}

function monitor(ctx: ApplyContext, args: readonly string[]): Reason {
  const [name = "", host = "", port = "", quorumWord = ""] = args;
  const quorum = leadingInt32(quorumWord);
  if (quorum <= 0) return "Quorum must be 1 or greater.";
  const at = readAddress(ctx, host, port);
  if (typeof at === "string") return at;
  if (isRepeated(ctx.draft.masters.get(name), ctx.included)) return "Duplicate master name.";
  ctx.draft.masters.set(name, newMaster({ name, ...at }, quorum, ctx.included));
  return null;
}

function knownSentinel(ctx: ApplyContext, args: readonly string[]): Reason {
  const [name = "", host = "", port = "", runId] = args;
  // The old form without an id says too little to be of use.
  if (runId === undefined) return null;
  const master = ctx.draft.masters.get(name);
  if (master === undefined) return unknownMaster(ctx, name);
  const at = readAddress(ctx, host, port);
  if (typeof at === "string") return at;
  if (isRepeated(master.sentinels.get(runId), ctx.included)) return "Duplicate runid for sentinel.";
  master.sentinels.set(runId, { host, port: at.port, runId, included: ctx.included });
  return null;
}

/**
 * Whether a line repeats another of the same file. What an included file says about our state is
 * repeated, newer, in the main file by the first rewrite, and C would never start again.
 */
function isRepeated(earlier: { included: boolean } | undefined, included: boolean): boolean {
  return earlier !== undefined && (included || !earlier.included);
}

function readAddress(
  ctx: ApplyContext,
  host: string,
  portWord: string,
): { host: string; port: number } | string {
  const port = leadingInt32(portWord);
  if (port < 0 || port > 65_535) return "Invalid port number.";
  // While names resolve, the resolver reads old spellings, and the name stays as it is.
  if (host !== "" && (ctx.draft.resolveHostnames || parseIp(host) !== null)) return { host, port };
  const canonical = fromOldSpelling(host);
  if (canonical === null) return "Can't resolve instance hostname.";
  ctx.warn(`'${host}' is taken as ${canonical}, as a C Sentinel takes it`);
  return { host: canonical, port };
}

/**
 * A C Sentinel writes epochs of unsigned 64 bit after a forged hello, and calls -1 the greatest one.
 * They are the last epoch to us, and the start says how to mend that [D-EPOCH-RANGE].
 */
function readEpoch(ctx: ApplyContext, word: string): Epoch {
  const epoch = leadingInteger(word);
  if (epoch >= 0n && epoch <= MAX_EPOCH) return epoch;
  ctx.warn(`the epoch ${word} is out of range and taken as the last one`);
  return MAX_EPOCH;
}

function raiseCurrentEpoch(draft: SentinelDraft, epoch: Epoch): void {
  if (epoch > draft.currentEpoch) draft.currentEpoch = epoch;
}
