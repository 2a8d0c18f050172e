import type { Context } from "./context.ts";
import { sendDue } from "./periodic.ts";
import { instancesOf } from "./records.ts";
import type { Master } from "./state.ts";

/** What hellos say is new: they do not wait for their period, but for its save. */
export function makeHellosUrgent(master: Master): void {
  for (const instance of instancesOf(master)) instance.lastHelloSentAt = null;
}

/** Hellos that a new configuration makes urgent leave as soon as it is saved. */
export function sendUrgentHellos(ctx: Context, master: Master): void {
  for (const instance of instancesOf(master)) {
    if (instance.lastHelloSentAt === null) sendDue(ctx, instance);
  }
}
