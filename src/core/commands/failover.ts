import { strictInteger } from "../../base/integers.ts";
import { array, bulk, error, integer, OK, type Reply } from "../../base/reply.ts";
import { MAX_PORT, makeAddress, sameAddress } from "../address.ts";
import { type Context, log } from "../context.ts";
import { decide } from "../decide.ts";
import { MAX_EPOCH } from "../defaults.ts";
import { askAgainAtOnce } from "../down.ts";
import { vote } from "../election.ts";
import { startDryRun } from "../failover/coordinated/dry-run.ts";
import { obstacles } from "../failover/coordinated/obstacles.ts";
import { startFailover } from "../failover/start.ts";
import { RUN_ID_LENGTH } from "../limits.ts";
import { namesOfOneVote } from "../other-names.ts";
import { isPaused } from "../pause.ts";
import { plansSwitch } from "../peer-view.ts";
import { promotedSinceReconf } from "../records.ts";
import { readyOrParked } from "../resolve.ts";
import type { Address, Master, RedisInstance } from "../state.ts";
import { findMaster, NO_SUCH_MASTER, NOT_AN_INTEGER } from "./arguments.ts";
import type { Call, Handler, Handlers } from "./call.ts";
import { readFailover } from "./failover-options.ts";

/**
 * Fails over without asking anybody: the operator takes the place of quorum and majority [FAILOVER-FORCED]. With
 * COORDINATED it is a planned switch that a majority agrees to, and that loses no write
 * [FAILOVER-COORDINATED] [SENTINEL-FAILOVER].
 */
const failover: Handler = (ctx, { args, input }) => {
  const [name, ...words] = args;
  const master = findMaster(ctx, name);
  if (!master) return NO_SUCH_MASTER;
  const request = readFailover(ctx, master, words);
  if (!("asked" in request)) return request;
  const { asked, isDryRun } = request;
  if (isDryRun) return startDryRun(ctx, input.client, master, asked);
  const [obstacle] = obstacles(ctx, master, asked);
  if (obstacle !== undefined) return error(obstacle);
  log(ctx, "warning", `Executing user requested FAILOVER of '${master.name}'`);
  startFailover(ctx, master, asked);
  decide(ctx, master);
  return OK;
};

/**
 * Another Sentinel asks whether we see the master of this address down and, with its id, for our
 * vote: `[down, leader or "*", epoch]` [SENTINEL-DOWN] [VOTE-ANY]. The master is found by address, not
 * by name [ASK-ANSWER], and a vote
 * leaves only when it is on disk; if it cannot be written, none is given [D-NO-DISK-NO-VOTE] [I1] [I2].
 */
const isMasterDownByAddr: Handler = (ctx, call) => {
  const [host = "", portText = "", epochText = "", runId = "*"] = call.args;
  const port = strictInteger(portText);
  const epoch = strictInteger(epochText);
  if (port === null || epoch === null) return NOT_AN_INTEGER;
  if (epoch < 0n || epoch > MAX_EPOCH) return NOT_AN_INTEGER;
  if (!readyOrParked(ctx, [host], call.input)) return null;
  const isUsable = port >= 0n && port <= BigInt(MAX_PORT);
  const address = isUsable ? makeAddress(ctx, host, Number(port)) : null;
  const found = address && findByAddress(ctx, address);
  // For the time of a pause we have no opinion that moves anybody [D-PAUSE].
  const isHeldBack =
    found !== null && namesOfOneVote(ctx, found.master).some((one) => isPaused(ctx, one));
  if (isHeldBack && !isOperators(ctx, found.master, runId)) return answer(0, null, 0n);
  const down = found?.watched.sdown && ctx.state.tiltSince === null ? 1 : 0;
  const master = found?.master;
  if (master?.sdown) {
    askAgainAtOnce(master);
    decide(ctx, master);
  }
  if (!master || runId === "*") return answer(down, null, 0n);
  const { leader, epoch: leaderEpoch } = vote(ctx, master, epoch, runId);
  return sayVote(ctx, call, answer(down, leader, leaderEpoch), answer(down, null, 0n));
};

/** A vote for a planned switch of a master that is well is given in a pause, too. */
function isOperators(ctx: Context, { sdown, sentinels }: Master, candidate: string): boolean {
  const peer = sentinels.get(candidate);
  return peer !== undefined && !sdown && plansSwitch(ctx, peer);
}

function answer(down: number, leader: string | null, epoch: bigint): Reply {
  return array([integer(down), bulk(leader ?? "*"), integer(epoch)]);
}

function sayVote(ctx: Context, call: Call, voted: Reply, refused: Reply): Reply | null {
  if (!ctx.state.unsaved) return voted;
  ctx.saveConfig = true;
  ctx.state.awaitingSave.push({ client: call.input.client, ifSaved: voted, ifFailed: refused });
  return null;
}

/**
 * The first master at the address, and the record that watches it. A leader in reconf_slaves answers
 * also for the promoted replica, or nobody could vote about that one while it waits; whether it is
 * down is then asked of that replica, not of the old master [D-STUCK-LEADER].
 */
function findByAddress(
  ctx: Context,
  address: Address,
): { master: Master; watched: RedisInstance } | null {
  const { masters } = ctx.state;
  for (const master of masters.values()) {
    if (sameAddress(master.address, address)) return { master, watched: master };
  }
  for (const master of masters.values()) {
    const promoted = promotedSinceReconf(master);
    if (promoted && sameAddress(promoted.address, address)) return { master, watched: promoted };
  }
  return null;
}

/** A vote is kept and repeated to whoever asks: for an id that is none, it is not given. */
const voteForRunId: Handler = (ctx, call) => {
  const { length } = call.args[3] ?? "";
  if (length <= RUN_ID_LENGTH) return isMasterDownByAddr(ctx, call);
  return error(`ERR a run id of ${length} bytes, it has ${RUN_ID_LENGTH}`);
};

export const failoverHandlers: Handlers = {
  failover,
  "is-master-down-by-addr": voteForRunId,
  "is-primary-down-by-addr": voteForRunId,
};
