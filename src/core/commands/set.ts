import { type Context, save } from "../context.ts";
import { event } from "../event.ts";
import { instancesOf } from "../instance.ts";
import { closeLink } from "../link.ts";
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

type Outcome = "ok" | "invalid" | Reply;
type Setter = (ctx: Context, master: Master, value: string, second: string) => Outcome;

/** quorum and parallel-syncs are 32 bit in a C Sentinel, which must read our file back. */
const MAX_INT = 2_147_483_647;

/**
 * Sets options of a master from left to right. The first error stops; what was set before it
 * stays, is saved, and the error is the reply. A control character anywhere changes nothing at all.
 */
export const set: Handler = (ctx, call) => {
  const [name, ...words] = call.args;
  const master = findMaster(ctx, name);
  if (!master) return NO_SUCH_MASTER;
  if (words.some(hasControlCharacter)) return controlCharacter("arguments of SENTINEL SET");
  let changed = false;
  while (words.length > 0) {
    const failure = setNext(ctx, master, words);
    if (failure) {
      if (!changed) return failure;
      return replyOnceSaved(ctx, call, failure);
    }
    changed = true;
  }
  return replyOnceSaved(ctx, call, OK);
};

/** Takes one option and its values off `words` and applies it; an error reply if it cannot. */
function setNext(ctx: Context, master: Master, words: string[]): Reply | null {
  const option = words.shift() ?? "";
  const setter = SETTERS.get(option.toLowerCase());
  const values = words.splice(0, setter === renameCommand ? 2 : 1);
  const [value, second] = values;
  if (!setter || value === undefined || (setter === renameCommand && second === undefined)) {
    return error(`ERR Unknown option or number of arguments for SENTINEL SET '${option}'`);
  }
  const outcome = setter(ctx, master, value, second ?? "");
  if (outcome === "invalid") return invalidArgument(value, option);
  if (outcome !== "ok") return outcome;
  const shown = setter === authPass ? ["******"] : values;
  event(ctx, "warning", "+set", master, ` ${[option, ...shown].join(" ")}`);
  planAll(ctx, master);
  save(ctx);
  return null;
}

function invalidArgument(value: string, option: string): Reply {
  return error(`ERR Invalid argument '${value}' for SENTINEL SET '${option}'`);
}

const downAfter: Setter = (_ctx, master, value) => {
  const ms = positive(value);
  if (ms === null) return "invalid";
  for (const instance of instancesOf(master)) instance.downAfterMs = ms;
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

const authPass: Setter = (ctx, master, value) => {
  master.authPass = value || null;
  closeServerLinks(ctx, master);
  return "ok";
};

const authUser: Setter = (ctx, master, value) => {
  master.authUser = value || null;
  closeServerLinks(ctx, master);
  return "ok";
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
