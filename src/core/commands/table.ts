import type { Handler } from "./call.ts";
import { setOrGetConfig } from "./config.ts";
import { debug, pendingScripts, simulateFailure } from "./debug.ts";
import { checkQuorum, failover, isMasterDownByAddr } from "./failover.ts";
import { getMasterAddr, infoCache, master, masters, replicas, sentinels } from "./inspect.ts";
import { flushConfig, monitor, myId, remove, reset } from "./manage.ts";
import { set } from "./set.ts";

/**
 * SENTINEL's subcommands by lower-case name; their arity, flags and help are the server's. The
 * spellings with "primary" are Valkey's.
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
  ["is-master-down-by-addr", isMasterDownByAddr],
  ["is-primary-down-by-addr", isMasterDownByAddr],
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
  ["sentinels", sentinels],
  ["set", set],
  ["simulate-failure", simulateFailure],
]);
