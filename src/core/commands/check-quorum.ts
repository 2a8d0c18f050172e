import { error, type Reply, status } from "../../base/reply.ts";
import type { Context } from "../context.ts";
import { type PausedOnes, quorumOf, quorumTrouble } from "../failover/quorum.ts";
import { isPaused } from "../pause.ts";
import type { Master, RunId } from "../state.ts";
import { findMaster, NO_SUCH_MASTER } from "./arguments.ts";
import type { Handler } from "./call.ts";
import { askPauses } from "./pause-reach.ts";

/**
 * Whether enough Sentinels are usable to agree that the master is down and to fail over
 * (SENTINEL CKQUORUM) [SENTINEL-CKQUORUM]. Who is paused does neither [D-PAUSE]: the others are asked for it.
 */
export const checkQuorum: Handler = (ctx, { args, input }) => {
  const master = findMaster(ctx, args[0]);
  if (!master) return NO_SUCH_MASTER;
  const trouble = quorumTrouble(ctx, master);
  if (trouble !== null) return error(trouble);
  return askPauses(ctx, input.client, [master], (later, heard) => {
    return answer(later, master, pausedOnes(later, master, heard.get(master.name)));
  });
};

function pausedOnes(
  ctx: Context,
  master: Master,
  heard: ReadonlyMap<RunId, boolean> = new Map(),
): PausedOnes {
  const peers = [...heard].filter(([, paused]) => paused).map(([id]) => id);
  return { peers: new Set(peers), isSelf: isPaused(ctx, master) };
}

function answer(ctx: Context, master: Master, paused: PausedOnes): Reply {
  const trouble = quorumTrouble(ctx, master, paused);
  if (trouble !== null) return error(trouble);
  const { usable } = quorumOf(ctx, master, paused);
  return status(`OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`);
}
