import type { Millis } from "../core/state.ts";
import type { MasterView, PeerView, ReplicaView, SentinelView } from "../view/types.ts";
import type { Counts } from "./counts.ts";
import { EXPOSITION_TYPE, Family, labelsOf } from "./exposition.ts";
import type { Answer, HttpHost, Pieces } from "./host.ts";
import { unfitCode } from "./unfit.ts";
import { type Collector, Walk } from "./walk.ts";

type Name = keyof typeof GAUGES;

/** The first ones have the names, labels and values of redis_exporter: its dashboards and rules work with us. */
const GAUGES = {
  masters: "Masters that this Sentinel watches",
  tilt: "1 while it is in TILT",
  running_scripts: "Scripts that run now",
  scripts_queue_length: "Scripts that run or wait",
  simulate_failure_flags: "What SENTINEL SIMULATE-FAILURE asked for",
  master_status: "1 if the master is up, and which state it is in for this Sentinel",
  master_slaves: "Replicas of the master that are known",
  master_sentinels: "Sentinels of the master that are known, this one included",
  master_ok_slaves: "Those of its replicas that are up",
  master_ok_sentinels: "Those of its Sentinels that are up, this one included",
  master_ckquorum_status: "1 if an election could be held, and what CKQUORUM says",
  master_setting_ckquorum: "How many Sentinels must agree that it is down",
  master_setting_failover_timeout: "Its failover-timeout, in milliseconds",
  master_setting_parallel_syncs: "Its parallel-syncs",
  master_setting_down_after_milliseconds: "Its down-after-milliseconds",
  master_config_epoch: "The config epoch of the master",
  master_last_ok_ping_reply_seconds:
    "Seconds since the last PING reply of the master that says alive",
  master_down_since_timestamp_seconds: "Since when the master is down for this Sentinel",
  replica_lag_bytes: "Bytes that a replica lacks of the last known offset of its master",
  replica_unfit: "A replica that could not become the master now, and why",
  peer_up: "Another Sentinel answers",
  peer_config_differs: "Another Sentinel names another master, or another config epoch",
  paused_until_timestamp_seconds: "When the pause of a master ends",
  access_refused: "A server or Sentinel refuses our password or our rights, and with which error",
  cert_expiry_timestamp_seconds: "When the certificate of the listeners ends; absent without one",
  save_failing: "The last save of the configuration failed: no votes are given",
} as const;

type Gauges = Readonly<Record<Name, Family>>;

/** `/metrics`: this moment, and what was counted since the start. */
export class Metrics {
  readonly #walk: Walk<Pieces>;

  constructor(host: HttpHost, counts: Counts) {
    this.#walk = new Walk(host, () => new Scrape(host, counts));
  }

  /** Null: the Sentinel is still starting. */
  async answer(): Promise<Answer | null> {
    const body = await this.#walk.result();
    return body === null ? null : { status: 200, type: EXPOSITION_TYPE, body };
  }
}

class Scrape implements Collector<Pieces> {
  readonly #host: HttpHost;
  readonly #counts: Counts;
  readonly #gauges: Gauges = gauges();

  constructor(host: HttpHost, counts: Counts) {
    this.#host = host;
    this.#counts = counts;
  }

  add(master: MasterView): void {
    const { name, host, port } = master;
    const named = labelsOf({ master_name: name });
    const placed = `${named},${labelsOf({ master_address: `${host}:${port}` })}`;
    addStatus(this.#gauges, master, named, placed);
    addSettings(this.#gauges, master, placed);
    this.#addTimes(master, named, placed);
    for (const replica of master.replicas) addReplica(this.#gauges, replica, named);
    addPeers(this.#gauges, master, named);
    addRefusals(this.#gauges, master, named);
  }

  end(sentinel: SentinelView): Pieces {
    addSentinel(this.#gauges, sentinel);
    const certificateEndsAt = this.#host.certificateEndsAt();
    if (certificateEndsAt !== null) {
      this.#gauges.cert_expiry_timestamp_seconds.add(seconds(certificateEndsAt));
    }
    const families = [...Object.values(this.#gauges), ...this.#counts.families(sentinel)];
    return families.flatMap((family) => family.bytes());
  }

  endTurn(): void {
    for (const family of Object.values(this.#gauges)) family.flush();
  }

  #addTimes(master: MasterView, named: string, placed: string): void {
    const { answeredMs, downMs, pause } = master;
    const now = this.#host.wallNow();
    this.#gauges.master_last_ok_ping_reply_seconds.add(seconds(answeredMs), placed);
    if (downMs !== null) {
      this.#gauges.master_down_since_timestamp_seconds.add(seconds(now - downMs), named);
    }
    if (pause !== null) {
      this.#gauges.paused_until_timestamp_seconds.add(seconds(now + pause.leftMs), named);
    }
  }
}

function gauges(): Gauges {
  const families = Object.entries(GAUGES).map(([name, help]) => {
    return [name, new Family(`redis_sentinel_${name}`, "gauge", help)];
  });
  return Object.fromEntries(families);
}

function seconds(ms: Millis): number {
  return ms / 1_000;
}

function addSentinel(gauges: Gauges, sentinel: SentinelView): void {
  const { masters, tilt, scripts, save, simulatedFailures } = sentinel;
  gauges.masters.add(masters.length);
  gauges.tilt.add(Number(tilt.forMs !== null));
  gauges.running_scripts.add(scripts.running);
  // Redis counts those that run, too.
  gauges.scripts_queue_length.add(scripts.running + scripts.waiting);
  gauges.simulate_failure_flags.add(simulatedFailures);
  gauges.save_failing.add(Number(save.failedMs !== null));
}

function addStatus(gauges: Gauges, master: MasterView, named: string, placed: string): void {
  const { downMs, objectivelyDownMs, replicas, sentinels } = master;
  const status = (objectivelyDownMs !== null && "odown") || (downMs !== null && "sdown") || "ok";
  const isUp = (one: ReplicaView | PeerView) => one.downMs === null;
  gauges.master_status.add(Number(status === "ok"), `${placed},master_status="${status}"`);
  gauges.master_slaves.add(replicas.length, placed);
  gauges.master_sentinels.add(sentinels.length + 1, placed);
  gauges.master_ok_slaves.add(replicas.filter(isUp).length, placed);
  gauges.master_ok_sentinels.add(sentinels.filter(isUp).length + 1, placed);
  const message = labelsOf({ message: quorumMessage(master) });
  const hasQuorum = master.quorum.lacks.length === 0;
  gauges.master_ckquorum_status.add(Number(hasQuorum), `${named},${message}`);
}

/** As CKQUORUM answers, without what other Sentinels say in their own words. */
function quorumMessage({ quorum: { usable, lacks } }: MasterView): string {
  const count = `${usable} usable Sentinels.`;
  if (lacks.length === 0) return `OK ${count} Quorum and failover authorization can be reached`;
  const own = lacks.filter((sentence) => !sentence.startsWith("Sentinel "));
  return `NOQUORUM ${count} ${own.join(". ")}`;
}

function addSettings(gauges: Gauges, { settings, configEpoch }: MasterView, placed: string): void {
  gauges.master_setting_ckquorum.add(settings.quorum, placed);
  gauges.master_setting_failover_timeout.add(settings.failoverTimeoutMs, placed);
  gauges.master_setting_parallel_syncs.add(settings.parallelSyncs, placed);
  gauges.master_setting_down_after_milliseconds.add(settings.downAfterMs, placed);
  gauges.master_config_epoch.add(configEpoch, placed);
}

/** One whose name is not resolved yet has no address, and is left out. */
function addReplica(gauges: Gauges, replica: ReplicaView, named: string): void {
  const { host, port, lagBytes, unfitReason } = replica;
  if (host === "") return;
  const labels = `${named},${labelsOf({ replica: `${host}:${port}` })}`;
  if (lagBytes !== null) gauges.replica_lag_bytes.add(lagBytes, labels);
  if (unfitReason === null) return;
  gauges.replica_unfit.add(1, `${labels},reason="${unfitCode(unfitReason)}"`);
}

/** Two of one address are one in metrics, which name no ids: what is bad of one of them is said. */
function addPeers(gauges: Gauges, { sentinels, configEpoch }: MasterView, named: string): void {
  const peers = new Map<string, { isUp: boolean; differs: boolean }>();
  for (const peer of sentinels) {
    const place = `${peer.host}:${peer.port}`;
    const known = peers.get(place);
    const saysOther = peer.configEpoch !== null && peer.configEpoch !== configEpoch;
    peers.set(place, {
      isUp: peer.downMs === null && (known?.isUp ?? true),
      differs: peer.names !== null || saysOther || known?.differs === true,
    });
  }
  for (const [place, { isUp, differs }] of peers) {
    const labels = `${named},${labelsOf({ peer: place })}`;
    gauges.peer_up.add(Number(isUp), labels);
    gauges.peer_config_differs.add(Number(differs), labels);
  }
}

/** A wrong password is not a server that is down, and is mended elsewhere. */
function addRefusals(gauges: Gauges, master: MasterView, named: string): void {
  const refusals = new Set<string>();
  for (const one of [master, ...master.replicas, ...master.sentinels]) {
    const code = REFUSAL.exec(one.trouble ?? "")?.[0];
    if (code !== undefined && one.host !== "") {
      refusals.add(labelsOf({ server: `${one.host}:${one.port}`, code }));
    }
  }
  for (const labels of refusals) gauges.access_refused.add(1, `${named},${labels}`);
}

const REFUSAL = /NOAUTH|WRONGPASS|NOPERM|DENIED/;
