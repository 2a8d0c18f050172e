import { type Context, save } from "../context.ts";
import { event } from "../event.ts";
import { closeLink } from "../link.ts";
import { instancesOf } from "../records.ts";
import { error, OK, type Reply } from "../reply.ts";
import { planAll } from "../schedule.ts";
import type { Master } from "../state.ts";
import { lowerAscii } from "../text.ts";
import {
  controlCharacter,
  findMaster,
  hasControlCharacter,
  NO_SUCH_MASTER,
  positive,
  strictInteger,
} from "./arguments.ts";
import { type Handler, replyOnceSaved } from "./call.ts";

/** `credentials`: done, and the connections to the servers must be made anew. */
type Outcome = "ok" | "credentials" | "invalid" | Reply;
type Setter = (ctx: Context, master: Master, value: string, second: string) => Outcome;

/** How far a request was carried out. */
interface Progress {
  /** The word to look at next. */
  at: number;
  changed: boolean;
  hasNewCredentials: boolean;
}

/** quorum and parallel-syncs are 32 bit in a C Sentinel, which must read our file back. */
const MAX_INT = 2_147_483_647;

/**
 * Sets options of a master from left to right [SENTINEL-SET]. The first error stops; what was set before it
 * stays, is saved, and the error is the reply. A control character anywhere changes nothing at all.
 */
export const set: Handler = (ctx, call) => {
  const [name, ...words] = call.args;
  const master = findMaster(ctx, name);
  if (!master) return NO_SUCH_MASTER;
  if (words.some(hasControlCharacter)) return controlCharacter("arguments of SENTINEL SET");
  const progress: Progress = { at: 0, changed: false, hasNewCredentials: false };
  let failure: Reply | null = null;
  while (failure === null && progress.at < words.length) {
    failure = setNext(ctx, master, words, progress);
  }
  if (failure !== null && !progress.changed) return failure;
  settle(ctx, master, progress);
  return replyOnceSaved(ctx, call, failure ?? OK);
};

/** What concerns every instance of the master is done once, however many options there were. */
function settle(ctx: Context, master: Master, { hasNewCredentials }: Progress): void {
  for (const instance of instancesOf(master)) instance.downAfterMs = master.downAfterMs;
  if (hasNewCredentials) closeServerLinks(ctx, master);
  planAll(ctx, master);
  save(ctx);
}

/** Applies the next option with its values; an error reply if it cannot. */
function setNext(
  ctx: Context,
  master: Master,
  words: readonly string[],
  progress: Progress,
): Reply | null {
  const option = words[progress.at] ?? "";
  const setter = SETTERS.get(option.toLowerCase());
  const taken = setter === renameCommand ? 2 : 1;
  const values = words.slice(progress.at + 1, progress.at + 1 + taken);
  const [value, second] = values;
  if (!setter || value === undefined || (setter === renameCommand && second === undefined)) {
    return error(`ERR Unknown option or number of arguments for SENTINEL SET '${option}'`);
  }
  const outcome = setter(ctx, master, value, second ?? "");
  if (outcome === "invalid") return invalidArgument(value, option);
  if (typeof outcome === "object") return outcome;
  const shown = setter === authPass ? ["******"] : values;
  event(ctx, "warning", "+set", master, ` ${[option, ...shown].join(" ")}`);
  progress.at += 1 + taken;
  progress.changed = true;
  progress.hasNewCredentials ||= outcome === "credentials";
  return null;
}

function invalidArgument(value: string, option: string): Reply {
  return error(`ERR Invalid argument '${value}' for SENTINEL SET '${option}'`);
}

const downAfter: Setter = (_ctx, master, value) => {
  const ms = positive(value);
  if (ms === null) return "invalid";
  master.downAfterMs = ms;
  return "ok";
};

const failoverTimeout: Setter = (_ctx, master, value) => {
  const ms = positive(value);
  if (ms === null) return "invalid";
  master.failoverTimeoutMs = ms;
  return "ok";
};

const parallelSyncs: Setter = (_ctx, master, value) => {
  const count = positive(value);
  if (count === null || count > MAX_INT) return "invalid";
  master.parallelSyncs = count;
  return "ok";
};

const quorum: Setter = (_ctx, master, value) => {
  const count = positive(value);
  if (count === null || count > MAX_INT) return "invalid";
  master.quorum = count;
  return "ok";
};

const rebootDownAfter: Setter = (_ctx, master, value) => {
  const ms = value === "0" ? 0 : positive(value);
  if (ms === null || strictInteger(value) === null) return "invalid";
  master.rebootDownAfterMs = ms;
  return "ok";
};

function scriptSetter(
  field: "notificationScript" | "clientReconfigScript",
  missing: string,
): Setter {
  return (ctx, master, value) => {
    if (ctx.state.settings.denyScriptsReconfig) return SCRIPTS_DENIED;
    if (value !== "" && !ctx.isExecutable(value)) return error(missing);
    master[field] = value || null;
    return "ok";
  };
}

const SCRIPTS_DENIED = error(
  "ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig configuration directive in your Sentinel configuration",
);

const authPass: Setter = (_ctx, master, value) => {
  master.authPass = value || null;
  return "credentials";
};

const authUser: Setter = (_ctx, master, value) => {
  master.authUser = value || null;
  return "credentials";
};

/** The next connections authenticate with the new credentials. */
function closeServerLinks(ctx: Context, master: Master): void {
  for (const instance of instancesOf(master)) {
    if (instance.kind !== "sentinel") closeLink(ctx, instance.link);
  }
}

/** `rename-command old new`; a command renamed to itself is renamed no longer. */
const renameCommand: Setter = (_ctx, master, from, to) => {
  if (from === "") return "invalid";
  if (to === "") return invalidArgument(to, "rename-command");
  const key = lowerAscii(from);
  master.renamedCommands.delete(key);
  if (key !== lowerAscii(to)) master.renamedCommands.set(key, [from, to]);
  return "ok";
};

const SETTERS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ["down-after-milliseconds", downAfter],
  ["failover-timeout", failoverTimeout],
  ["parallel-syncs", parallelSyncs],
  ["quorum", quorum],
  ["master-reboot-down-after-period", rebootDownAfter],
  ["primary-reboot-down-after-period", rebootDownAfter],
  [
    "notification-script",
    scriptSetter(
      "notificationScript",
      "ERR Notification script seems non existing or non executable",
    ),
  ],
  [
    "client-reconfig-script",
    scriptSetter(
      "clientReconfigScript",
      "ERR Client reconfiguration script seems non existing or non executable",
    ),
  ],
  ["auth-pass", authPass],
  ["auth-user", authUser],
  ["rename-command", renameCommand],
]);
