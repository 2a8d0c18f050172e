import { relieveAt } from "./aside.ts";
import type { Context } from "./context.ts";
import { NEVER } from "./deadline.ts";
import { askAgainAt, downAt } from "./down.ts";
import { masterOf } from "./event.ts";
import { failoverDueAt } from "./failover/advance.ts";
import { handOverDueAt } from "./failover/coordinated/at-shutdown.ts";
import { startDueAt } from "./failover/start.ts";
import { givenUpAt, reopenAt } from "./link.ts";
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

/** Plans when to look at an instance next: when time alone will make something due for it. */
export function plan(ctx: Context, instance: Instance): void {
  const onGrain = Math.max(recurringAt(ctx, instance), ctx.now + 1);
  const at = Math.ceil(onGrain / GRAIN_MS) * GRAIN_MS;
  ctx.state.agenda.plan(instance, Math.min(at, concludedAt(ctx, instance)));
}

/** What is not put off to a multiple: to the millisecond [D-DEADLINES]. */
function concludedAt(ctx: Context, instance: Instance): Millis {
  const { sdown, kind } = instance;
  const isWatched = !sdown && ctx.state.tiltSince === null;
  const own = Math.min(
    // What is due already waits for a tick: the next one.
    isWatched ? Math.max(downAt(ctx, instance), ctx.now + 1) : NEVER,
    Math.max(relieveAt(ctx, instance), ctx.now + 1),
    heldBackUntil(ctx, instance) ?? NEVER,
  );
  return kind === "master" ? Math.min(own, decidedAt(ctx, instance)) : own;
}

/** When `decide` has something to do about a master: what is due already waits for something else than time. */
function decidedAt(ctx: Context, master: Master): Millis {
  if (ctx.state.tiltSince !== null) return NEVER;
  const startAt = startDueAt(ctx, master);
  const handOverAt = handOverDueAt(ctx, master);
  return Math.min(
    startAt > ctx.now ? startAt : NEVER,
    handOverAt > ctx.now ? handOverAt : NEVER,
    askAgainAt(ctx, master),
    failoverDueAt(ctx, master),
  );
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
    reopenAt(ctx, instance),
    givenUpAt(command),
    givenUpAt(pubsub),
    givenUpAt(aside),
    pingDueAt(ctx, instance),
    helloDueAt(ctx, instance),
    infoDueAt(ctx, instance),
  );
}
