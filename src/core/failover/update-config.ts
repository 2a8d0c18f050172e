import type { Context } from "../context.ts";
import type { Failover, Master } from "../state.ts";
import { switchMaster } from "../switch-master.ts";

/** The last step: the promoted replica is the master from here on, and the failover is over. */
export function updateConfig(ctx: Context, master: Master, { promoted }: Failover): boolean {
  if (promoted) switchMaster(ctx, master, promoted.address);
  return true;
}
