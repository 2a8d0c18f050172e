import type { MasterSettings } from "./master-settings.ts";
import type { Epoch, RunId } from "./state.ts";

/**
 * Everything of a Sentinel that outlives its process: the `sentinel` directives of the file
 * [FILE-SENTINEL]. `src/config` turns text into this and this into text; `createState` and
 * `persistentConfig` turn it into live state and back.
 *
 * All text is byte strings (one character per byte, latin1). Hosts are as written in the file.
 */
export interface SentinelConfig {
  /** Null until generated at the first start. */
  readonly myId: RunId | null;
  readonly currentEpoch: Epoch;
  readonly denyScriptsReconfig: boolean;
  readonly resolveHostnames: boolean;
  readonly announceHostnames: boolean;
  readonly announceIp: string | null;
  /** 0: announce the port we listen on. */
  readonly announcePort: number;
  readonly sentinelUser: string | null;
  readonly sentinelPass: string | null;
  /** In the order of their `monitor` lines. */
  readonly masters: readonly MasterConfig[];
}

export interface MasterConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly settings: MasterSettings;
  readonly configEpoch: Epoch;
  readonly leaderEpoch: Epoch;
  readonly replicas: readonly HostPort[];
  readonly sentinels: readonly (HostPort & { readonly runId: RunId })[];
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export const EMPTY_SENTINEL_CONFIG: SentinelConfig = {
  myId: null,
  currentEpoch: 0n,
  denyScriptsReconfig: true,
  resolveHostnames: false,
  announceHostnames: false,
  announceIp: null,
  announcePort: 0,
  sentinelUser: null,
  sentinelPass: null,
  masters: [],
};
