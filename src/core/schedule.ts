import { relieveAt } from "./aside.ts";
import type { Context } from "./context.ts";
import { CONNECT_TIMEOUT_MS } from "./defaults.ts";
import { askAgainAt } from "./down.ts";
import { candidacyAt } from "./election.ts";
import { masterOf } from "./event.ts";
import { reopenAt, silentSince } from "./link.ts";
import type { Connection } from "./link-state.ts";
import { helloDueAt, infoDueAt, pingDueAt } from "./periodic.ts";
import { instancesOf } from "./records.ts";
import type { Instance, Master, Millis } from "./state.ts";
import { heldBackUntil } from "./tell.ts";

/** Every instance is looked at this often, whatever was planned for it. */
export const LOOK_AGAIN_MS = 1_000;
/** The same while its master is down or fails over. */
const TROUBLE_LOOK_AGAIN_MS = 50;
/** What recurs is done at multiples of this, so that a thousand instances do not wake us each ms. */
const GRAIN_MS = 50;
const NEVER = Number.POSITIVE_INFINITY;

/** Plans when to look at an instance next: when time alone will make something due for it. */
export function plan(ctx: Context, instance: Instance): void {
  const recurring = recurringAt(ctx, instance);
  const onGrain = Math.max(recurring, ctx.now + 1);
  const at = Math.ceil(onGrain / GRAIN_MS) * GRAIN_MS;
  const exact = Math.min(
    downAt(ctx, instance),
    standAt(ctx, instance),
    askAt(ctx, instance),
    Math.max(relieveAt(ctx, instance), ctx.now + 1),
    heldBackUntil(ctx, instance) ?? NEVER,
  );
  ctx.state.agenda.plan(instance, Math.min(at, exact));
}

/** When a master that is objectively down lets us stand for election. */
function standAt(ctx: Context, instance: Instance): Millis {
  if (instance.kind !== "master" || !instance.odown || instance.failover) return NEVER;
  const at = candidacyAt(ctx, instance);
  return at > ctx.now ? at : NEVER;
}

/** When a master that is down makes us ask others again. */
function askAt(ctx: Context, instance: Instance): Millis {
  if (instance.kind !== "master" || !instance.sdown || ctx.state.tiltSince !== null) return NEVER;
  const at = askAgainAt(instance);
  return at > ctx.now ? at : NEVER;
}

export function planAll(ctx: Context, master: Master): void {
  for (const instance of instancesOf(master)) plan(ctx, instance);
}

/** After a change of periods, or of what may be concluded. */
export function planEverything(ctx: Context): void {
  for (const master of ctx.state.masters.values()) planAll(ctx, master);
}

/** Down, or failing over: its time is short, and so are its instances'. */
export function isTroubled(master: Master): boolean {
  return master.sdown || master.odown || master.failover !== null;
}

function recurringAt(ctx: Context, instance: Instance): Millis {
  const isUrgent = isTroubled(masterOf(instance));
  const lookAgainAt = ctx.now + (isUrgent ? TROUBLE_LOOK_AGAIN_MS : LOOK_AGAIN_MS);
  const { command, pubsub, aside } = instance.link;
  return Math.min(
    lookAgainAt,
    reconnectAt(ctx, instance),
    givenUpAt(command),
    givenUpAt(pubsub),
    givenUpAt(aside),
    pingDueAt(ctx, instance),
    helloDueAt(ctx, instance),
    infoDueAt(ctx, instance),
  );
}

function reconnectAt(ctx: Context, instance: Instance): Millis {
  return instance.address.port === 0 ? NEVER : reopenAt(ctx, instance);
}

function givenUpAt(connection: Connection | null): Millis {
  if (!connection || connection.up) return NEVER;
  return connection.openedAt + CONNECT_TIMEOUT_MS + 1;
}

/** The first moment at which it counts as down if it stays silent; to the millisecond [D-DEADLINES]. */
function downAt(ctx: Context, instance: Instance): Millis {
  const since = silentSince(instance.link);
  if (instance.sdown || since === null || ctx.state.tiltSince !== null) {
    return NEVER;
  }
  return Math.max(since + instance.downAfterMs, ctx.now) + 1;
}
