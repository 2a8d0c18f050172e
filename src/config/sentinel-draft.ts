import {
  EMPTY_SENTINEL_CONFIG,
  type HostPort,
  type MasterConfig,
  type SentinelConfig,
} from "../core/config.ts";
import { DEFAULT_SETTINGS, type MasterSettings } from "../core/master-settings.ts";
import type { RunId } from "../core/state.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A {@link SentinelConfig} while its lines are read. */
export interface SentinelDraft extends Omit<Mutable<SentinelConfig>, "masters"> {
  /** By name, in the order of the `monitor` lines. */
  readonly masters: Map<string, MasterDraft>;
}

export interface MasterDraft
  extends Omit<Mutable<MasterConfig>, "settings" | "replicas" | "sentinels"> {
  /** Without the renamed commands. */
  readonly settings: Mutable<MasterSettings>;
  /** Whether the `monitor` line stands in an included file. */
  included: boolean;
  /** By host and port. */
  readonly replicas: Map<string, HostPort>;
  readonly sentinels: Map<RunId, HostPort & { readonly runId: RunId; readonly included: boolean }>;
  /** By the old name in lower case. */
  readonly renamedCommands: Map<string, { from: string; to: string; included: boolean }>;
}

export function newDraft(): SentinelDraft {
  return { ...EMPTY_SENTINEL_CONFIG, masters: new Map() };
}

export function newMaster(
  { name, host, port }: Pick<MasterConfig, "name" | "host" | "port">,
  quorum: number,
  included: boolean,
): MasterDraft {
  return {
    name,
    host,
    port,
    included,
    settings: { ...DEFAULT_SETTINGS, quorum },
    configEpoch: 0n,
    leaderEpoch: 0n,
    replicas: new Map(),
    sentinels: new Map(),
    renamedCommands: new Map(),
  };
}

export function finishDraft(draft: SentinelDraft): SentinelConfig {
  return { ...draft, masters: [...draft.masters.values()].map(finishMaster) };
}

function finishMaster({ included: _, renamedCommands, ...master }: MasterDraft): MasterConfig {
  const renamed = [...renamedCommands.values()];
  master.settings.renamedCommands = renamed.map(({ from, to }) => [from, to]);
  return {
    ...master,
    replicas: [...master.replicas.values()],
    sentinels: [...master.sentinels.values()].map(({ runId, host, port }) => ({
      runId,
      host,
      port,
    })),
  };
}
