import { array, bulk, error, integer, type Reply } from "../../../src/base/reply.ts";
import { parseAddress, parseLong } from "./numbers.ts";
import type { CMaster } from "./records.ts";
import type { CState } from "./state.ts";

const NOT_AN_INTEGER = error("ERR value is not an integer or out of range");
/** After a vote for another our own attempt waits up to so long more than the delay. */
const DESYNC_MS = 1_000;

export interface CVote {
  readonly leader: string | null;
  readonly epoch: bigint;
}

/** Answer to is-master-down-by-addr: by address, not by name [ASK-ANSWER]. */
export function answerDown(state: CState, args: readonly string[]): Reply {
  const [ip = "", portText = "", epochText = "", candidate = ""] = args;
  const port = parseLong(portText);
  const epoch = parseLong(epochText);
  if (port === null || epoch === null) return NOT_AN_INTEGER;
  const address = parseAddress(ip, port);
  const master = address ? state.masterAt(address) : undefined;
  const isDown = master?.sdown === true && state.tiltSince === null;
  const down = integer(isDown ? 1 : 0);
  if (!master || candidate === "*") return array([down, bulk("*"), integer(0)]);
  const vote = voteFor(state, master, BigInt.asUintN(64, epoch), candidate);
  return array([down, bulk(vote.leader ?? "*"), integer(BigInt.asIntN(64, vote.epoch))]);
}

/**
 * sentinelVoteLeader: one vote for each master and epoch, whatever we think of the master [VOTE-ONCE]
 * [VOTE-ANY].
 */
export function voteFor(state: CState, master: CMaster, epoch: bigint, candidate: string): CVote {
  if (epoch > state.currentEpoch) state.raiseEpoch(epoch);
  if (master.leaderEpoch < epoch && state.currentEpoch <= epoch) {
    master.leader = candidate;
    master.leaderEpoch = state.currentEpoch;
    state.write();
    state.world.event("+vote-for-leader", `${candidate} ${master.leaderEpoch}`);
    if (candidate !== state.myId) {
      master.attemptAt = state.world.now() + state.world.random.below(DESYNC_MS);
    }
  }
  return { leader: master.leader, epoch: master.leaderEpoch };
}

/**
 * sentinelGetLeader: who is elected as far as we know. What peers told is compared with the present
 * epoch, our own vote with that of the attempt: kept on purpose [D-EPOCH].
 */
export function countVotes(state: CState, master: CMaster, epoch: bigint): string | null {
  const votes = new Map<string, number>();
  for (const { leader, leaderEpoch } of master.peers.values()) {
    if (leader === null || leaderEpoch !== state.currentEpoch) continue;
    votes.set(leader, (votes.get(leader) ?? 0) + 1);
  }
  const own = voteFor(state, master, epoch, mostVoted(votes) ?? state.myId);
  if (own.leader !== null && own.epoch === epoch) {
    votes.set(own.leader, (votes.get(own.leader) ?? 0) + 1);
  }
  const winner = mostVoted(votes);
  const needed = Math.max(Math.floor((master.peers.size + 1) / 2) + 1, master.quorum);
  return winner !== null && (votes.get(winner) ?? 0) >= needed ? winner : null;
}

function mostVoted(votes: ReadonlyMap<string, number>): string | null {
  let most: string | null = null;
  for (const [leader, count] of votes) {
    if (most === null || count > (votes.get(most) ?? 0)) most = leader;
  }
  return most;
}
