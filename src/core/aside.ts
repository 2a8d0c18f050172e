import type { Context } from "./context.ts";
import { NEVER } from "./deadline.ts";
import { closeAside, noteOpening, open, openableAt } from "./link.ts";
import type { InstanceLink } from "./link-state.ts";
import { awaitsHello } from "./send.ts";
import type { Instance, Millis } from "./state.ts";

// A server whose writes are paused (CLIENT PAUSE WRITE, its own FAILOVER) answers PING, but holds a PUBLISH
// back, and with it all that comes behind on the same connection. It would look dead to us [D-ASIDE].

/**
 * Of down-after: so long a PING may wait behind a hello. What is left is enough to connect and to ask again
 * where an answer takes no longer than two fifths of down-after.
 */
const PATIENCE = 1 / 5;

/** The same where a master is to be handed over at its end: it holds writes back then, and has ten seconds left. */
const SHORT_PATIENCE_MS = 300;

/** When a PING has waited too long behind a hello; never, if none does. */
export function relieveAt(ctx: Context, instance: Instance): Millis {
  const { kind, link, downAfterMs } = instance;
  if (kind === "sentinel" || link.aside || !link.command?.up) return NEVER;
  if (!awaitsHello(link)) return NEVER;
  if (isLeaving(instance)) return openableAt(ctx, instance, "aside");
  if (link.pingPendingSince === null) return NEVER;
  const usualMs = Math.floor(downAfterMs * PATIENCE);
  const isPressing = kind === "master" && ctx.state.settings.guards.handsOverAtShutdown;
  const at = link.pingPendingSince + (isPressing ? Math.min(SHORT_PATIENCE_MS, usualMs) : usualMs);
  return Math.max(at, openableAt(ctx, instance, "aside"));
}

/** What comes behind the hello is not answered before it has ended [D-SHUTDOWN]. */
function isLeaving(instance: Instance): boolean {
  return instance.kind === "master" && instance.leaving !== null;
}

/** Opens a second command connection to a server that seems to hold our hello back. */
export function relieve(ctx: Context, instance: Instance): void {
  const { link, address } = instance;
  if (address.ip === null || ctx.now < relieveAt(ctx, instance)) return;
  noteOpening(ctx, instance, "aside");
  link.aside = open(ctx, instance, "aside", address.ip);
}

/** It is up: from now on it carries what we ask, and the old one stands aside until it is answered. */
export function takeOver(ctx: Context, link: InstanceLink): void {
  const { command, aside, pending, owners } = link;
  if (!command || !aside) return;
  link.command = aside;
  link.aside = command;
  ctx.state.connections.set(aside.id, { link, purpose: "command" });
  ctx.state.connections.set(command.id, { link, purpose: "aside" });
  // INFO is asked for anew, and an old text must not come after a new one.
  for (const [id, request] of pending) {
    if (request.kind === "info") pending.set(id, { ...request, kind: "ignored" });
  }
  for (const owner of owners) if (owner.kind !== "sentinel") owner.infoRequest = null;
}

/** Closes the second connection once it is of no use: the hello was answered after all. */
export function settleAside(ctx: Context, link: InstanceLink): void {
  const { aside, pending } = link;
  if (!aside) return;
  const waits = aside.up
    ? [...pending.values()].some(({ connection }) => connection === aside.id)
    : awaitsHello(link);
  if (!waits) closeAside(ctx, link);
}
