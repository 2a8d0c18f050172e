import { type Context, newId } from "./context.ts";
import { masterOf } from "./event.ts";
import type { Connection, Instance, PendingRequest, RequestId } from "./state.ts";

/** Puts one command on a connection under the name that the server knows it by. */
export function write(
  ctx: Context,
  owner: Instance,
  connection: Connection,
  [name = "", ...rest]: readonly string[],
): RequestId {
  const request = newId(ctx);
  const [, renamed] = masterOf(owner).renamedCommands.get(name.toLowerCase()) ?? [name, name];
  ctx.effects.push({
    type: "send",
    connection: connection.id,
    request,
    args: [renamed, ...rest],
    subscribes: name === "SUBSCRIBE",
  });
  return request;
}

/** Sends on the command connection; null while it is not established. */
export function send(
  ctx: Context,
  owner: Instance,
  kind: PendingRequest["kind"],
  words: readonly string[],
): RequestId | null {
  const { command, pending } = owner.link;
  if (!command?.up) return null;
  const request = write(ctx, owner, command, words);
  pending.set(request, { kind, owner });
  return request;
}

export function isPending(instance: Instance, request: RequestId | null): boolean {
  return request !== null && instance.link.pending.has(request);
}
