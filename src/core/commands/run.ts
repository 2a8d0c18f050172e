import { array, bulk, error, integer, type Reply } from "../../base/reply.ts";
import type { Context } from "../context.ts";
import { HELLO_CHANNEL } from "../defaults.ts";
import { hearHello } from "../hello.ts";
import type { Input } from "../input.ts";
import type { Handler } from "./call.ts";
import { SENTINEL_COMMANDS } from "./table.ts";

export function runCommand(ctx: Context, input: Input & { type: "command" }): void {
  ctx.by = input.by ?? null;
  const reply = execute(ctx, input);
  ctx.by = null;
  if (reply) ctx.effects.push({ type: "reply", client: input.client, reply });
}

function execute(ctx: Context, input: Input & { type: "command" }): Reply | null {
  const [name = "", first = "", second = ""] = input.args;
  switch (name.toLowerCase()) {
    case "sentinel": {
      const handler = findHandler(first);
      if (handler) return handler(ctx, { input, args: input.args.slice(2) });
      return error(`ERR unknown subcommand '${first.slice(0, 128)}'. Try SENTINEL HELP.`);
    }
    case "role":
      return array([bulk("sentinel"), array([...ctx.state.masters.keys()].map(bulk))]);
    case "publish":
      return publish(ctx, input, first, second);
    default:
      return error(`ERR unknown command '${name.slice(0, 128)}', with args beginning with: `);
  }
}

function findHandler(subcommand: string): Handler | undefined {
  return SENTINEL_COMMANDS.get(subcommand) ?? SENTINEL_COMMANDS.get(subcommand.toLowerCase());
}

/** Other Sentinels say hello to us by PUBLISH; nothing else may be published here [CMD-PUBLISH]. */
function publish(ctx: Context, input: Input, channel: string, message: string): Reply {
  if (channel !== HELLO_CHANNEL) {
    return error("ERR Only HELLO messages are accepted by Sentinel instances.");
  }
  hearHello(ctx, message, input, null);
  return integer(1);
}
