import { RUN_ID_LENGTH } from "../limits.ts";
import { error } from "../reply.ts";
import type { Handler } from "./call.ts";
import { checkQuorum } from "./check-quorum.ts";
import { setOrGetConfig } from "./config.ts";
import { debug, pendingScripts, simulateFailure } from "./debug.ts";
import { resetEpoch } from "./epoch.ts";
import { failover, isMasterDownByAddr } from "./failover.ts";
import { getMasterAddr, infoCache, master, masters, replicas, sentinels } from "./inspect.ts";
import { flushConfig, monitor, myId, remove, reset } from "./manage.ts";
import { set } from "./set.ts";

/** A vote is kept and repeated to whoever asks: for an id that is none, it is not given. */
const voteForRunId: Handler = (ctx, call) => {
  const { length } = call.args[3] ?? "";
  if (length <= RUN_ID_LENGTH) return isMasterDownByAddr(ctx, call);
  return error(`ERR a run id of ${length} bytes, it has ${RUN_ID_LENGTH}`);
};

/**
 * SENTINEL's subcommands by lower-case name; their arity, flags and help are the server's. The
 * spellings with "primary" are Valkey's [D-PRIMARY].
 */
export const SENTINEL_COMMANDS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["ckquorum", checkQuorum],
  ["config", setOrGetConfig],
  ["debug", debug],
  ["failover", failover],
  ["flushconfig", flushConfig],
  ["get-master-addr-by-name", getMasterAddr],
  ["get-primary-addr-by-name", getMasterAddr],
  ["info-cache", infoCache],
  ["is-master-down-by-addr", voteForRunId],
  ["is-primary-down-by-addr", voteForRunId],
  ["master", master],
  ["primary", master],
  ["masters", masters],
  ["primaries", masters],
  ["monitor", monitor],
  ["myid", myId],
  ["pending-scripts", pendingScripts],
  ["remove", remove],
  ["replicas", replicas],
  ["slaves", replicas],
  ["reset", reset],
  ["reset-epoch", resetEpoch],
  ["sentinels", sentinels],
  ["set", set],
  ["simulate-failure", simulateFailure],
]);
