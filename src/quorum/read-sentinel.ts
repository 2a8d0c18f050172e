import type { Answer, Told } from "./answer.ts";
import { lastFailoverIn } from "./last-failover.ts";
import { infoFields, isList, type Row, rowOf, rowsOf } from "./rows.ts";
import type {
  CachedInfo,
  MasterSight,
  PauseSight,
  PeerSight,
  Program,
  ReplicaSight,
  SentinelSight,
  ServerSight,
} from "./sight.ts";

/** The bare answers of a Sentinel to what it was asked about itself. */
interface SentinelAnswers {
  readonly id: Told<Answer>;
  readonly info: Told<Answer>;
  /** When INFO was heard, in Unix time. */
  readonly heardAtMs: number;
  readonly certificateLeftMs: number | null;
}

/** And about one master. */
interface MasterAnswers {
  readonly master: Row;
  readonly replicas: Told<Answer>;
  readonly sentinels: Told<Answer>;
  readonly quorumCheck: Told<Answer>;
  /** What INFO-CACHE has of this name; null: nothing. */
  readonly infos: Answer;
  /** Of SENTINEL PAUSES, all of them. */
  readonly pauses: Answer;
  /** Of SENTINEL JOURNAL; null: it is not ours. */
  readonly journal: Answer;
}

export function readSentinel(
  { id, info, heardAtMs, certificateLeftMs }: SentinelAnswers,
  masters: readonly MasterSight[],
): SentinelSight {
  const fields = infoFields(info.ok && typeof info.value === "string" ? info.value : "");
  const troubleOf = (field: string) => {
    const status = fields.get(field) ?? "ok";
    return status === "ok" ? null : status;
  };
  return {
    id: id.ok && typeof id.value === "string" ? id.value : null,
    process: ["run_id", "process_id", "tcp_port"].map((name) => fields.get(name) ?? "").join(" "),
    program: programOf(fields),
    isTilt: fields.get("sentinel_tilt") === "1",
    saveTrouble: troubleOf("sentinel_save_status"),
    hookTrouble: troubleOf("sentinel_webhooks_status"),
    skewMs: skewOf(fields.get("server_time_usec"), heardAtMs),
    certificateLeftMs,
    masters,
  };
}

function skewOf(timeUsec: string | undefined, nowMs: number): number | null {
  return timeUsec === undefined || !/^\d{1,16}$/.test(timeUsec)
    ? null
    : Number(timeUsec) / 1_000 - nowMs;
}

function programOf(fields: ReadonlyMap<string, string>): Program {
  const ours = fields.get("redis_sentinel_ts_version");
  if (ours !== undefined) return { isOurs: true, text: `redis-sentinel-ts ${ours}` };
  const valkey = fields.get("valkey_version");
  if (valkey !== undefined) return { isOurs: false, text: `valkey ${valkey}` };
  const redis = fields.get("redis_version");
  return { isOurs: false, text: redis === undefined ? "?" : `redis ${redis}` };
}

export function readMaster(answers: MasterAnswers): MasterSight {
  const { master: row, replicas, sentinels, quorumCheck } = answers;
  const infos = cachedInfos(answers.infos);
  const name = row.text("name");
  return {
    ...readServer(row, infos),
    name,
    configEpoch: row.big("config-epoch"),
    objectivelyDownMs: row.number("o-down-time"),
    failoverState: row.text("failover-state") || null,
    quorum: row.number("quorum") ?? 0,
    downAfterMs: row.number("down-after-milliseconds") ?? 0,
    failoverTimeoutMs: row.number("failover-timeout") ?? 0,
    parallelSyncs: row.number("parallel-syncs") ?? 0,
    replicas: replicas.ok ? rowsOf(replicas.value).map((one) => readReplica(one, infos)) : [],
    sentinels: sentinels.ok ? rowsOf(sentinels.value).map(readPeer) : [],
    quorumCheck: quorumCheck.ok ? { ok: true, value: String(quorumCheck.value) } : quorumCheck,
    pause: pauseOf(answers.pauses, name),
    lastFailover: lastFailoverIn(answers.journal),
    refused: [replicas, sentinels].flatMap((told) => (told.ok ? [] : [told.error])),
  };
}

function readInstance(row: Row) {
  return {
    host: row.text("ip"),
    port: row.number("port") ?? 0,
    runId: row.text("runid"),
    flags: row.text("flags").split(","),
    downMs: row.number("s-down-time"),
    answeredMs: row.number("last-ok-ping-reply") ?? 0,
    repliedMs: row.number("last-ping-reply") ?? row.number("last-ok-ping-reply") ?? 0,
  };
}

function readServer(row: Row, infos: ReadonlyMap<string, CachedInfo>): ServerSight {
  const runId = row.text("runid");
  const info = infos.get(runId) ?? null;
  return {
    ...readInstance(row),
    role: row.text("role-reported"),
    roleMs: row.number("role-reported-time") ?? 0,
    // 0 is also what it says of a server that never answered, which has no run id.
    infoMs: runId === "" ? null : row.number("info-refresh"),
    info,
  };
}

function readReplica(row: Row, infos: ReadonlyMap<string, CachedInfo>): ReplicaSight {
  return {
    ...readServer(row, infos),
    linkStatus: row.text("master-link-status"),
    linkDownMs: row.number("master-link-down-time") ?? 0,
    follows: { host: row.text("master-host"), port: row.number("master-port") ?? 0 },
    priority: row.number("slave-priority") ?? 0,
    offset: row.big("slave-repl-offset"),
    // Of 6.2; those before know no replica that hides.
    isAnnounced: row.text("replica-announced") !== "0",
  };
}

function readPeer(row: Row): PeerSight {
  const leader = row.text("voted-leader");
  return {
    ...readInstance(row),
    helloMs: row.number("last-hello-message") ?? 0,
    votedLeader: leader === "" || leader === "?" ? null : leader,
    votedEpoch: row.big("voted-leader-epoch"),
    downAfterMs: row.number("down-after-milliseconds") ?? 0,
  };
}

const RUN_ID = /^run_id:(\w{40})\r?$/m;

/** By the run id that each text tells: the answer itself says nothing of whom it is. */
function cachedInfos(answer: Answer): ReadonlyMap<string, CachedInfo> {
  const infos = new Map<string, CachedInfo>();
  for (const entry of isList(answer) ? answer : []) {
    const [ageMs, text] = isList(entry) ? entry : [];
    if (typeof ageMs !== "number" || typeof text !== "string") continue;
    const [, runId] = RUN_ID.exec(text) ?? [];
    if (runId !== undefined) infos.set(runId, { ageMs, text });
  }
  return infos;
}

function pauseOf(answer: Answer, name: string): PauseSight | null {
  for (const row of isList(answer) ? answer.map(rowOf) : []) {
    const leftMs = (row.number("seconds") ?? 0) * 1_000;
    const isOfAll = row.text("replica") === "";
    if (row.text("master") === name && isOfAll) return { leftMs, reason: row.text("reason") };
  }
  return null;
}

/** The answer to INFO-CACHE is a list of names and infos in turns. */
export function infosByName(answer: Answer): ReadonlyMap<string, Answer> {
  const byName = new Map<string, Answer>();
  const list = isList(answer) ? answer : [];
  for (let at = 0; at + 1 < list.length; at += 2) {
    const [name, infos] = [list[at], list[at + 1]];
    if (typeof name === "string") byName.set(name, infos ?? null);
  }
  return byName;
}
