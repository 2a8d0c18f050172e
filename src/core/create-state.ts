import { isSameServer, writtenHost } from "./address.ts";
import { Agenda } from "./agenda.ts";
import type { HostPort, MasterConfig, SentinelConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { defaultPeriods } from "./defaults.ts";
import type { LogThreshold } from "./effect.ts";
import { type Extra, NO_EXTRA } from "./extra.ts";
import { DEFAULT_GUARDS, type Guards } from "./guards.ts";
import { createMaster } from "./instance.ts";
import { parseIp } from "./ip.ts";
import { NO_LIVE_SETTINGS } from "./live-settings.ts";
import { type Random, randomRunId } from "./random.ts";
import { currentAddress, instancesOf, promotedSinceReconf } from "./records.ts";
import { hostKey } from "./resolve.ts";
import type { Address, Epoch, Master, Millis, RunId, SentinelState, Settings } from "./state.ts";

const NO_CHANGES: ReadonlyMap<string, string> = new Map();

/** What the process knows beside its `sentinel` directives. */
export interface ProcessSettings {
  /** Our own password, which peers with the same one accept from us. */
  readonly requirepass: string | null;
  /** What hellos announce: tls-port if tls-replication is on, else port. */
  readonly listeningPort: number;
  readonly logThreshold: LogThreshold;
  /** Connections that there are descriptors for; left out, as many as are wanted. */
  readonly maxLinks?: number;
  /** Left out, those that are usual. */
  readonly guards?: Guards;
}

/**
 * The state at the start of a process. Without a configured id a new one is made, which the first
 * step saves. A master whose address is unusable is left out: the loader refused it before. `extra` is what lay
 * beside the file.
 */
export function createState(
  config: SentinelConfig,
  settings: ProcessSettings,
  random: Random,
  now: Millis,
  extra: Extra = NO_EXTRA,
): SentinelState {
  const state = emptyState(config, settings, config.myId ?? randomRunId(random));
  const ctx: Context = {
    state,
    random,
    isExecutable: () => true,
    live: NO_LIVE_SETTINGS,
    now,
    isTick: false,
    effects: [],
    touched: [],
    saveConfig: false,
  };
  for (const master of config.masters) greetAtOnce(createMaster(ctx, master, extra));
  return state;
}

/** That of a Sentinel which watches nothing yet. */
function emptyState(config: SentinelConfig, settings: ProcessSettings, myId: RunId): SentinelState {
  const epoch = greatestEpoch(config);
  return {
    myId,
    currentEpoch: epoch,
    announced: new Set(),
    twin: null,
    twinToldAt: null,
    epochComplaintAt: null,
    epochRaisedAt: null,
    savedEpoch: epoch,
    masters: new Map(),
    settings: {
      denyScriptsReconfig: config.denyScriptsReconfig,
      resolveHostnames: config.resolveHostnames,
      announceHostnames: config.announceHostnames,
      announceIp: config.announceIp,
      announcePort: config.announcePort,
      sentinelUser: config.sentinelUser,
      sentinelPass: config.sentinelPass,
      maxLinks: Number.POSITIVE_INFINITY,
      guards: DEFAULT_GUARDS,
      ...settings,
    },
    periods: defaultPeriods(),
    agenda: new Agenda(),
    tiltSince: null,
    tiltCount: 0,
    previousTickAt: null,
    savingSince: null,
    lastSaveMs: 0,
    slowSavesMs: 0,
    simulateFailure: { afterElection: false, afterPromotion: false },
    votedForOtherAt: null,
    peers: new Map(),
    scripts: [],
    unsaved: config.myId === null,
    isHeld: false,
    unsentPings: [],
    lazySaveAt: null,
    saveFailedAt: null,
    untoldVotes: [],
    awaitingSave: [],
    awaitingKeep: [],
    pauseCalls: [],
    live: NO_CHANGES,
    liveInUse: NO_CHANGES,
    tables: [],
    dryRuns: [],
    hosts: new Map(),
    parked: [],
    connections: new Map(),
    nextId: 1,
  };
}

/** Whoever voted in an epoch, or knows a configuration of it, has reached it. */
function greatestEpoch({ currentEpoch, masters }: SentinelConfig): Epoch {
  let greatest = currentEpoch;
  for (const { configEpoch, leaderEpoch } of masters) {
    for (const epoch of [configEpoch, leaderEpoch]) if (epoch > greatest) greatest = epoch;
  }
  return greatest;
}

/**
 * The first hellos of a process leave with its first connections; upstream says none for two
 * seconds. A leader that crashed once its promotion was saved may be the only one who knows of it:
 * the others would soon take the promoted server for one that made itself a master [D-FIRST-HELLO].
 */
function greetAtOnce(master: Master | null): void {
  if (master === null) return;
  for (const instance of instancesOf(master)) instance.lastHelloSentAt = null;
}

/** What the file must hold [STATE-DURABLE]: the inverse of `createState`. */
export function persistentConfig(state: SentinelState): SentinelConfig {
  const { settings } = state;
  return {
    myId: state.myId,
    currentEpoch: state.currentEpoch,
    denyScriptsReconfig: settings.denyScriptsReconfig,
    resolveHostnames: settings.resolveHostnames,
    announceHostnames: settings.announceHostnames,
    announceIp: settings.announceIp,
    announcePort: settings.announcePort,
    sentinelUser: settings.sentinelUser,
    sentinelPass: settings.sentinelPass,
    masters: [...state.masters.values()].map((master) => persistentMaster(state, master)),
  };
}

/**
 * How the file names those addresses that were given by a name, where it does not write names: by
 * `name port`, in lower case. An included file goes on saying the name.
 */
export function writtenAddresses({
  masters,
  settings,
}: SentinelState): ReadonlyMap<string, string> {
  const written = new Map<string, string>();
  if (!settings.resolveHostnames || settings.announceHostnames) return written;
  for (const { address } of [...masters.values()].flatMap(instancesOf)) {
    const { host, port } = address;
    if (parseIp(host) === null)
      written.set(`${hostKey(host)} ${port}`, writtenHost(settings, address));
  }
  return written;
}

/** Field by field, which is five times as fast as spreading: each save asks for every master. */
function persistentMaster({ settings }: SentinelState, master: Master): MasterConfig {
  const current = currentAddress(master);
  return {
    name: master.name,
    host: writtenHost(settings, current),
    port: current.port,
    settings: master.settings,
    configEpoch: master.configEpoch,
    leaderEpoch: master.leaderEpoch,
    replicas: persistentReplicas(settings, master, current),
    sentinels: persistentSentinels(settings, master),
  };
}

/**
 * Once the promotion was observed, the old master stands where the promoted replica stood: the file
 * never lists a master as its own replica [I9].
 */
function persistentReplicas(settings: Settings, master: Master, current: Address): HostPort[] {
  const promoted = promotedSinceReconf(master);
  const replicas: HostPort[] = [];
  // Two records of one server, by two names, may be written alike: a C Sentinel refuses such a file.
  const written = new Set([placeText(writtenHost(settings, current), current.port)]);
  for (const replica of master.replicas.values()) {
    const address = replica === promoted ? master.address : replica.address;
    const { port } = address;
    const host = writtenHost(settings, address);
    const place = placeText(host, port);
    if (written.has(place) || isSameServer(address, current)) continue;
    written.add(place);
    replicas.push({ host, port });
  }
  return replicas;
}

function placeText(host: string, port: number): string {
  return `${host} ${port}`;
}

function persistentSentinels(settings: Settings, master: Master): MasterConfig["sentinels"] {
  const sentinels: MasterConfig["sentinels"][number][] = [];
  for (const { address, runId } of master.sentinels.values()) {
    sentinels.push({ host: writtenHost(settings, address), port: address.port, runId });
  }
  return sentinels;
}
