import { BrokenInvariant } from "./broken-invariant.ts";
import { type Context, saveSoon } from "./context.ts";
import { masterOf } from "./event.ts";
import type { Instance } from "./state.ts";

/**
 * Does one thing for one instance. An exception, which is a bug of ours, ends that thing only: what
 * it had asked for before is done, and the instances and masters after it have their turn [D-CONTAIN].
 */
export function contain<T extends Instance>(
  ctx: Context,
  instance: T,
  action: (ctx: Context, instance: T) => void,
): void {
  try {
    action(ctx, instance);
  } catch (error) {
    fault(ctx, `the master '${masterOf(instance).name}'`, error);
  }
}

/**
 * Tells of an exception. What was changed before it, a vote above all, must be on disk before anything
 * is said of it, whether or not its save was asked for yet. Soon and not at once: it may have happened
 * in the step that follows a save. What it may have left half done is looked at when the step ends, and an
 * invariant that is broken already goes on to the loop: that is not survived.
 *
 * @throws BrokenInvariant
 */
export function fault(ctx: Context, where: string, error: unknown): void {
  if (error instanceof BrokenInvariant) throw error;
  ctx.effects.push({ type: "fault", where, error });
  ctx.state.unsaved = true;
  saveSoon(ctx);
}
