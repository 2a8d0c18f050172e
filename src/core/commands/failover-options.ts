import { strictNumber } from "../../base/integers.ts";
import { error, type Reply } from "../../base/reply.ts";
import { MAX_PORT } from "../address.ts";
import type { Context } from "../context.ts";
import { replicaAt } from "../failover/coordinated/obstacles.ts";
import { type Method, newPlan, usualLimitMs } from "../failover/coordinated/plan.ts";
import type { AskedFor } from "../failover/start.ts";
import type { Master, Millis, Replica } from "../state.ts";

/** What SENTINEL FAILOVER was asked to do. */
interface FailoverRequest {
  readonly asked: AskedFor;
  readonly isDryRun: boolean;
}

interface Options {
  isCoordinated: boolean;
  isDryRun: boolean;
  method: Method | null;
  limitMs: Millis | null;
  target: Replica | null;
}

const UNKNOWN_OPTION = error("ERR Unknown failover option specified");

/**
 * The words after the name, in any order: COORDINATED, TO host port, TIMEOUT ms, METHOD offset|failover|fence, DRYRUN
 * [FAILOVER-OPTIONS]. Valkey knows the first one only, and its error for any other word is the same.
 */
export function readFailover(
  ctx: Context,
  master: Master,
  words: readonly string[],
): FailoverRequest | Reply {
  const options: Options = {
    ...{ isCoordinated: false, isDryRun: false, method: null, limitMs: null, target: null },
  };
  for (let at = 0; at < words.length; ) {
    const taken = readOption(ctx, master, options, words.slice(at));
    if (typeof taken !== "number") return taken;
    at += taken;
  }
  const { isCoordinated, isDryRun, method, limitMs, target } = options;
  if (!isCoordinated && (method !== null || limitMs !== null)) {
    return error("ERR METHOD and TIMEOUT are options of COORDINATED");
  }
  const plan = newPlan(method ?? "offset", limitMs ?? usualLimitMs(master), false);
  const coordinated = isCoordinated ? plan : null;
  return { asked: { forced: !isCoordinated, coordinated, target }, isDryRun };
}

/** How many words it took, or what is wrong with them. */
function readOption(
  ctx: Context,
  master: Master,
  options: Options,
  [word = "", first = "", second = ""]: readonly string[],
): number | Reply {
  switch (word.toLowerCase()) {
    case "coordinated":
      options.isCoordinated = true;
      return 1;
    case "dryrun":
      options.isDryRun = true;
      return 1;
    case "method":
      return readMethod(options, first) ?? 2;
    case "timeout":
      return readTimeout(master, options, first) ?? 2;
    case "to":
      return readTarget(ctx, master, options, first, second) ?? 3;
    default:
      return UNKNOWN_OPTION;
  }
}

function readMethod(options: Options, word: string): Reply | null {
  const method = word.toLowerCase();
  if (method !== "offset" && method !== "failover" && method !== "fence") {
    return error("ERR METHOD is offset, failover or fence");
  }
  options.method = method;
  return null;
}

/** Less is over before a replica can have caught up. */
const LEAST_MS = 100;

/** The PING of a C Sentinel may wait as long as writes do, and is to be answered before down-after. */
function readTimeout(master: Master, options: Options, word: string): Reply | null {
  const most = Math.max(usualLimitMs(master), master.downAfterMs - 1_000);
  const limitMs = strictNumber(word, LEAST_MS, most);
  if (limitMs === null) {
    return error(`ERR TIMEOUT is from ${LEAST_MS} to ${most} milliseconds for this master`);
  }
  options.limitMs = limitMs;
  return null;
}

function readTarget(
  ctx: Context,
  master: Master,
  options: Options,
  host: string,
  port: string,
): Reply | null {
  const number = strictNumber(port, 1, MAX_PORT);
  if (host === "" || number === null) {
    return error("ERR TO is followed by a host and a port");
  }
  options.target = replicaAt(ctx, master, host, number);
  if (options.target) return null;
  return error(`NOGOODSLAVE ${host.slice(0, 128)}:${number} is no replica of this master`);
}
