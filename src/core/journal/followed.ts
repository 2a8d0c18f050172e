import type { FailoverRecord, ServerPlace } from "../../base/journal-entry.ts";
import type { Context } from "../context.ts";
import { electedLeader, votesNeeded } from "../election.ts";
import type { Master, PeerSentinel } from "../state.ts";
import { clipped, lostAt, placeOf, votesIn, whyDown } from "./facts.ts";

/**
 * Another Sentinel's failover, at the moment in which its configuration is taken over and the old master is still
 * known. What only its leader saw is left open. `by`: who told it; null: another name of the same server moved.
 */
export function followed(
  ctx: Context,
  master: Master,
  to: ServerPlace,
  by: PeerSentinel | null,
): FailoverRecord {
  const { sdown, sdownSince, odown, odownSince, configEpoch } = master;
  const beganAt = lostAt(ctx, master);
  const tookMs = sdown ? ctx.now - beganAt : 0;
  const since = (is: boolean, at: number | null) =>
    sdown && is && at !== null ? at - beganAt : null;
  const leader = electedLeader(master, configEpoch) ?? by?.runId ?? ctx.state.myId;
  return {
    ...{ type: "failover", name: master.name, kind: "followed", result: "done" },
    reason: sdown ? clipped(whyDown(ctx, master)) : null,
    ending: by === null ? "another name of this server was failed over" : null,
    ...{ by: null, attempt: 1 },
    ...{ epoch: `${configEpoch}`, leader, from: placeOf(ctx, master.address), to, tookMs },
    phases: {
      ...{ sdown: since(sdown, sdownSince), odown: since(odown, odownSince) },
      ...{ tried: null, elected: null, selected: null, promoted: null, followed: null },
      switched: tookMs,
    },
    votes: votesIn(ctx, master, configEpoch),
    votesNeeded: votesNeeded(master),
    candidates: [],
    lacked: null,
  };
}
