import { type Context, log } from "./context.ts";
import { event } from "./event.ts";
import type { Master, Millis } from "./state.ts";

/** A master that said that it ends, while it waits for its replicas [D-SHUTDOWN]. */
export interface Leaving {
  readonly since: Millis;
  /** Planned switches that were begun therefore, and when the last one was. */
  attempts: number;
  attemptedAt: Millis | null;
  /** What was in the way of one, as it was told. */
  obstacle: string | null;
}

/**
 * Redis 7 and Valkey wait at SIGTERM until their replicas have all, up to `shutdown-timeout`, take no writes
 * meanwhile, and say in INFO how long they will wait at most; null: it said nothing of that.
 */
export function noteLeaving(ctx: Context, master: Master, leftMs: number | null): void {
  if (leftMs === null) {
    if (master.leaving === null) return;
    log(ctx, "notice", `${master.name} goes on: its shutdown was aborted, or it was started again`);
    master.leaving = null;
  } else if (master.leaving === null) {
    master.leaving = { since: ctx.now, attempts: 0, attemptedAt: null, obstacle: null };
    event(ctx, "warning", "+shutdown-announced", master, ` #within ${Math.max(0, leftMs)} ms`);
  }
}

/** Its connection is lost, and it had said that it ends. */
export function hasLeft({ leaving, link }: Master): boolean {
  return leaving !== null && !link.command?.up;
}
