import { contain } from "./contain.ts";
import { type Context, log } from "./context.ts";
import type { Input } from "./input.ts";
import { forgetEvidence } from "./instance.ts";
import { applyResolvedAddress } from "./link.ts";
import { instancesOf } from "./records.ts";
import { hostKey, recordResolved } from "./resolve.ts";
import { plan } from "./schedule.ts";
import type { Master } from "./state.ts";

/** A name was looked up; null: it has no address. What waited for it is to be handled now. */
export function hostResolved(ctx: Context, name: string, ip: string | null): readonly Input[] {
  const host = hostKey(name);
  const waiting = recordResolved(ctx, host, ip);
  if (ip === null) log(ctx, "warning", `Failed to resolve hostname '${host}'`);
  for (const master of ctx.state.masters.values()) {
    contain(ctx, master, () => moveResolved(ctx, master, host));
    // A replica announced under this name can be taken up now.
    if (ip !== null && master.infoText?.includes(`ip=${host},`)) master.infoAt = null;
  }
  return waiting;
}

function moveResolved(ctx: Context, master: Master, host: string): void {
  for (const instance of instancesOf(master)) {
    const isMoved = applyResolvedAddress(ctx, instance, host);
    if (!isMoved) continue;
    if (instance === master) forgetEvidence(master);
    plan(ctx, instance);
  }
}
