import { error, status } from "../../base/reply.ts";
import { quorumOf, quorumTrouble } from "../failover/quorum.ts";
import { findMaster, NO_SUCH_MASTER } from "./arguments.ts";
import type { Handler } from "./call.ts";

/**
 * Whether enough Sentinels are usable to agree that the master is down and to fail over
 * (SENTINEL CKQUORUM) [SENTINEL-CKQUORUM].
 */
export const checkQuorum: Handler = (ctx, { args }) => {
  const master = findMaster(ctx, args[0]);
  if (!master) return NO_SUCH_MASTER;
  const trouble = quorumTrouble(ctx, master);
  if (trouble !== null) return error(trouble);
  const { usable } = quorumOf(ctx, master);
  return status(`OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`);
};
