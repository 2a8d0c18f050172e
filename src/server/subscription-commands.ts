import { bulk, integer, NIL, type Reply } from "../core/reply.ts";
import type { Call, Handlers } from "./call.ts";
import type { Outcome } from "./request.ts";
import type { Session } from "./session.ts";

/** The SUBSCRIBE family: one push for each name, whatever the reply mode. */
export const subscriptionCommands: Handlers = {
  subscribe: ({ ctx, client, args }) =>
    confirmEach(client, "subscribe", args.slice(1), (name) => ctx.pubsub.subscribe(client, name)),
  psubscribe: ({ ctx, client, args }) =>
    confirmEach(client, "psubscribe", args.slice(1), (name) => ctx.pubsub.psubscribe(client, name)),
  unsubscribe: ({ ctx, client, args }) =>
    confirmEach(client, "unsubscribe", namesToLeave(args, client.channels), (name) =>
      ctx.pubsub.unsubscribe(client, name),
    ),
  punsubscribe: ({ ctx, client, args }) =>
    confirmEach(client, "punsubscribe", namesToLeave(args, client.patterns), (name) =>
      ctx.pubsub.punsubscribe(client, name),
    ),
};

/** Without names: all of them. */
function namesToLeave(args: Call["args"], current: ReadonlySet<string>): readonly string[] {
  return args.length > 1 ? args.slice(1) : [...current];
}

function confirmEach(
  client: Session,
  kind: string,
  names: readonly string[],
  change: (name: string) => void,
): Outcome {
  for (const name of names) {
    change(name);
    client.push(confirmation(client, kind, bulk(name)));
  }
  // Somebody who leaves everything and had nothing hears so once.
  if (names.length === 0) client.push(confirmation(client, kind, NIL));
  return "answered";
}

function confirmation(client: Session, kind: string, name: Reply): Reply {
  return { type: "push", items: [bulk(kind), name, integer(client.subscriptionCount)] };
}
