import { type Context, newId } from "./context.ts";
import { masterOf } from "./event.ts";
import type { Connection, InstanceLink, PendingRequest } from "./link-state.ts";
import type { RenamedCommands } from "./master-settings.ts";
import type { Instance, RequestId } from "./state.ts";
import { lowerAscii } from "./text.ts";

/** Puts one command on a connection under the name that the server knows it by [LINK-RENAMED]. */
export function write(
  ctx: Context,
  owner: Instance,
  connection: Connection,
  words: readonly string[],
): RequestId {
  const request = newId<RequestId>(ctx);
  const [name = ""] = words;
  const renamed = renamedTo(masterOf(owner).settings.renamedCommands, name);
  ctx.effects.push({
    type: "send",
    connection: connection.id,
    request,
    args: renamed === undefined ? words : [renamed, ...words.slice(1)],
    asksInfo: name === "INFO",
    subscribes: name === "SUBSCRIBE",
  });
  return request;
}

/** By lower-case name, made once of each list: everything that is sent is looked up. */
const INDEXES = new WeakMap<RenamedCommands, ReadonlyMap<string, string>>();

function renamedTo(list: RenamedCommands, name: string): string | undefined {
  if (list.length === 0) return undefined;
  let index = INDEXES.get(list);
  if (index === undefined) {
    index = new Map(list.map(([from, to]) => [lowerAscii(from), to]));
    INDEXES.set(list, index);
  }
  return index.get(lowerAscii(name));
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
  pending.set(request, { kind, owner, connection: command.id });
  return request;
}

/** A hello is under way on the link, of its owner or of the record that had it before. */
export function awaitsHello({ pending }: InstanceLink): boolean {
  for (const { kind } of pending.values())
    if (kind === "hello" || kind === "old-hello") return true;
  return false;
}

/** It is under way on the command connection, and what is sent there waits behind it. */
export function isBehindHello({ command, pending }: InstanceLink): boolean {
  for (const { kind, connection } of pending.values()) {
    if ((kind === "hello" || kind === "old-hello") && connection === command?.id) return true;
  }
  return false;
}

export function isPending(instance: Instance, request: RequestId | null): boolean {
  return request !== null && instance.link.pending.has(request);
}
