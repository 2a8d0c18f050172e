import { error, type Reply } from "../core/reply.ts";
import { checkPermission } from "./acl.ts";
import { aclCommands } from "./acl-command.ts";
import { logDenial } from "./acl-denials.ts";
import type { Handlers } from "./call.ts";
import { clientCommands } from "./client-command.ts";
import { commandCommands } from "./command-command.ts";
import { arityAccepts, type CommandSpec, findRequested } from "./command-table.ts";
import { connectionCommands } from "./connection-commands.ts";
import type { ServerContext } from "./context.ts";
import { helpCommands } from "./help.ts";
import { infoCommands } from "./info.ts";
import {
  NO_CHANNEL_PERMISSION,
  noPermission,
  unknownCommand,
  unknownSubcommand,
  wrongArity,
} from "./replies.ts";
import type { Found, Outcome, Request } from "./request.ts";
import type { Session } from "./session.ts";
import { subscriptionCommands } from "./subscription-commands.ts";

const ATTACK_LOG_PERIOD_MS = 60_000;
/** What RESP2 leaves to who has subscriptions [WIRE-SUBSCRIBER]. */
const SUBSCRIBER_COMMANDS = new Set([
  "ping",
  "subscribe",
  "psubscribe",
  "unsubscribe",
  "punsubscribe",
]);

const ADDRESS_QUESTIONS = new Set([
  "sentinel|get-master-addr-by-name",
  "sentinel|get-primary-addr-by-name",
]);

/** What Sentinels say to each other, many in a row. */
const ASKED_ASIDE = new Set(["sentinel|is-master-down-by-addr", "publish"]);

/** The commands that end here; SENTINEL, ROLE and PUBLISH go to the core. */
const HANDLERS: ReadonlyMap<string, Handlers[string]> = new Map(
  Object.entries({
    ...connectionCommands,
    ...subscriptionCommands,
    ...clientCommands,
    ...aclCommands,
    ...commandCommands,
    ...infoCommands,
    ...helpCommands,
  }),
);

/** One request, checked in this order [WIRE-ORDER]. */
export function execute(ctx: ServerContext, client: Session, request: Request): Outcome {
  request.found ??= recognise(ctx, request.args);
  const { args, found } = request;
  if (found.type === "http") return dropHttp(ctx, client);
  client.lastCommand = found.type === "command" ? found.spec.fullName : null;
  endCaching(client);
  if (found.type === "unknown") return found.reply;
  const { spec } = found;
  const refusal = refuse(ctx, client, spec, args);
  if (refusal !== null) return refusal;
  if (mustWait(ctx, spec)) return "postponed";
  ctx.counters.commandsProcessed += 1;
  const handler = HANDLERS.get(spec.fullName);
  return handler === undefined
    ? forward(ctx, client, spec, found.coreArgs)
    : handler({ ctx, client, spec, args });
}

function forward(
  { host }: ServerContext,
  client: Session,
  spec: CommandSpec,
  args: readonly string[],
): Outcome {
  if (ADDRESS_QUESTIONS.has(spec.fullName)) {
    const answer = host.masterAddress(args[2] ?? "");
    if (answer !== null) return answer;
  }
  if (ASKED_ASIDE.has(spec.fullName)) return client.askAside((id) => host.execute(id, args));
  host.execute(client.id, args);
  return "later";
}

/** CLIENT CACHING holds for one command; those of CLIENT do not count. */
function endCaching({ tracking, lastCommand }: Session): void {
  if (tracking !== null && lastCommand?.startsWith("client|") !== true) tracking.caching = null;
}

/** Whether a request with these words is one the core answers. */
export function isForwarded(spec: CommandSpec): boolean {
  return !HANDLERS.has(spec.fullName);
}

function isHttp(args: readonly string[]): boolean {
  const word = args[0]?.toLowerCase();
  return word === "post" || word === "host:";
}

/** A web page can make a browser send us a request; its headers must not run as commands [WIRE-HTTP]. */
function dropHttp(ctx: ServerContext, client: Session): Outcome {
  const now = ctx.host.now();
  if (ctx.attackLoggedAtMs === null || now - ctx.attackLoggedAtMs > ATTACK_LOG_PERIOD_MS) {
    ctx.attackLoggedAtMs = now;
    ctx.host.log(
      "warning",
      `Possible SECURITY ATTACK detected. The first word of a request from ${client.peer.addr} was POST or Host:, so it probably is an HTTP request that somebody makes a browser send here. The connection was closed.`,
    );
  }
  client.destroy();
  return "answered";
}

function recognise(ctx: ServerContext, args: readonly string[]): Found {
  if (isHttp(args)) return { type: "http" };
  const spec = findRequested(ctx.commands, args);
  if (spec !== undefined) return { type: "command", spec, coreArgs: coreArgs(spec, args) };
  const container = ctx.commands.get(args[0]?.toLowerCase() ?? "");
  const reply =
    container === undefined
      ? unknownCommand(args)
      : unknownSubcommand(container.fullName, args[1] ?? "");
  return { type: "unknown", reply };
}

/** The core knows its commands by their own names, which it finds soonest in lower case. */
function coreArgs({ fullName }: CommandSpec, args: readonly string[]): readonly string[] {
  const names = fullName.split("|");
  return [...names, ...args.slice(names.length)];
}

function refuse(
  ctx: ServerContext,
  client: Session,
  spec: CommandSpec,
  args: readonly string[],
): Reply | null {
  if (!arityAccepts(spec, args.length)) return wrongArity(spec.fullName);
  if (client.mustAuthenticate && !spec.flags.includes("no_auth")) {
    return error("NOAUTH Authentication required.");
  }
  const denial = checkPermission(client.user, spec, args);
  if (denial !== null) {
    logDenial(ctx, client, spec, denial);
    return denial.reason === "channel"
      ? NO_CHANNEL_PERMISSION
      : noPermission(client.user.name, spec.fullName);
  }
  const restricted = client.protocol === 2 && client.subscriptionCount > 0;
  if (!restricted || SUBSCRIBER_COMMANDS.has(spec.fullName)) return null;
  return error(
    `ERR Can't execute '${spec.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}

function mustWait({ pause, host }: ServerContext, spec: CommandSpec): boolean {
  if (pause === null || host.now() >= pause.untilMs) return false;
  return pause.mode === "all" || spec.fullName === "publish";
}
