import { checkPermission } from "../acl/permission.ts";
import { error, type Reply } from "../base/reply.ts";
import { logDenial } from "./acl-denials.ts";
import type { CommandSpec } from "./commands/spec.ts";
import { arityAccepts, findRequested } from "./commands/table.ts";
import type { ServerContext } from "./context.ts";
import {
  NO_CHANNEL_PERMISSION,
  noPermission,
  unknownCommand,
  unknownSubcommand,
  wrongArity,
} from "./replies.ts";
import type { Found, Outcome, Request } from "./request.ts";
import type { Session } from "./session.ts";

const ATTACK_LOG_PERIOD_MS = 60_000;

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
  return spec.run === null
    ? spec.ask(ctx.host, client, found.coreArgs)
    : spec.run({ ctx, client, spec, args });
}

/** CLIENT CACHING holds for one command; those of CLIENT do not count. */
function endCaching({ tracking, lastCommand }: Session): void {
  if (tracking !== null && lastCommand?.startsWith("client|") !== true) tracking.caching = null;
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
  if (!restricted || spec.isForSubscribers) return null;
  return error(
    `ERR Can't execute '${spec.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}

function mustWait({ pause, host }: ServerContext, spec: CommandSpec): boolean {
  if (pause === null || host.now() >= pause.untilMs) return false;
  return pause.mode === "all" || spec.isWrite;
}
