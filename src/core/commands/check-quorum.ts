import { standingTrouble } from "../failover/start.ts";
import { CANNOT_SAVE } from "../info-section.ts";
import { error, status } from "../reply.ts";
import { disagreement } from "../settle.ts";
import { findMaster, NO_SUCH_MASTER } from "./arguments.ts";
import type { Handler } from "./call.ts";

/**
 * Whether enough Sentinels are usable to agree that the master is down and to fail over
 * (SENTINEL CKQUORUM) [SENTINEL-CKQUORUM]. One that cannot save gives no votes, ourselves included,
 * and one that refuses our
 * questions is as good as down.
 */
export const checkQuorum: Handler = (ctx, { args }) => {
  const master = findMaster(ctx, args[0]);
  if (!master) return NO_SUCH_MASTER;
  const peers = [...master.sentinels.values()];
  const canVote = ctx.state.saveFailedAt === null;
  const usable =
    Number(canVote) + peers.filter(({ sdown, refusal }) => !sdown && refusal === null).length;
  const majority = Math.floor((peers.length + 1) / 2) + 1;
  const lacks: string[] = [];
  if (usable < master.settings.quorum) {
    lacks.push("Not enough available Sentinels to reach the specified quorum for this master");
  }
  if (usable < majority) {
    lacks.push("Not enough available Sentinels to reach the majority and authorize a failover");
  }
  for (const { runId, refusal } of peers) {
    if (refusal !== null && lacks.length > 0) lacks.push(`Sentinel ${runId} refuses: ${refusal}`);
  }
  if (!canVote) lacks.push(`This Sentinel ${CANNOT_SAVE}`);
  const dispute = disagreement(ctx, master);
  if (dispute !== null) lacks.push(dispute);
  const trouble = standingTrouble(ctx);
  if (trouble !== null) lacks.push(trouble);
  if (lacks.length > 0) return error(`NOQUORUM ${usable} usable Sentinels. ${lacks.join(". ")}`);
  return status(`OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`);
};
