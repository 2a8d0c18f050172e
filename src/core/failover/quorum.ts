import type { Context } from "../context.ts";
import { CANNOT_SAVE } from "../info-section.ts";
import { disagreement } from "../settle.ts";
import type { Master, PeerSentinel, RunId } from "../state.ts";
import { standingTrouble } from "./start.ts";

interface Quorum {
  readonly usable: number;
  /** How many of all that are known elect a leader. */
  readonly majority: number;
  /** Sentences without full stops. */
  readonly lacks: readonly string[];
  /** Of these, that Sentinels name two masters; null: they do not. */
  readonly dispute: string | null;
}

/** Who gives no vote in an automatic failover, at an operator's word [D-PAUSE]. */
export interface PausedOnes {
  readonly peers: ReadonlySet<RunId>;
  readonly isSelf: boolean;
}

const NOBODY: PausedOnes = { peers: new Set(), isSelf: false };

/**
 * How many Sentinels are usable, and what is in the way of an election; nothing: it can be held
 * (sentinelIsQuorumReachable). One that cannot save gives no votes, ourselves included, and one that refuses our
 * questions is as good as down.
 */
export function quorumOf(ctx: Context, master: Master, paused: PausedOnes = NOBODY): Quorum {
  const peers = [...master.sentinels.values()];
  const canVote = ctx.state.saveFailedAt === null;
  const isUsable = ({ sdown, refusal, runId }: PeerSentinel) =>
    !sdown && refusal === null && !paused.peers.has(runId);
  const usable = Number(canVote && !paused.isSelf) + peers.filter(isUsable).length;
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
  const count = paused.peers.size + Number(paused.isSelf);
  if (count > 0 && lacks.length > 0) lacks.push(`${count} ${count === 1 ? "is" : "are"} paused`);
  if (!canVote) lacks.push(`This Sentinel ${CANNOT_SAVE}`);
  const dispute = disagreement(ctx, master);
  if (dispute !== null) lacks.push(dispute);
  const trouble = standingTrouble(ctx);
  if (trouble !== null) lacks.push(trouble);
  return { usable, majority, lacks, dispute };
}

/** The text of CKQUORUM's error; null: an election can be held. */
export function quorumTrouble(
  ctx: Context,
  master: Master,
  paused: PausedOnes = NOBODY,
): string | null {
  const { usable, lacks } = quorumOf(ctx, master, paused);
  return lacks.length === 0 ? null : `NOQUORUM ${usable} usable Sentinels. ${lacks.join(". ")}`;
}
