import type { FailoverKind, FailoverResult, ServerPlace } from "../../base/journal-entry.ts";
import type { Parts } from "../payload.ts";
import type { LogResult } from "./entry.ts";
import type { EpochMs } from "./line-time.ts";
import { NOWHEN, namedPlace, placeOf, type Sighting, type Sink, type Source } from "./sighting.ts";

/** An outage of a master, for one Sentinel. */
interface Outage {
  readonly place: ServerPlace | null;
  readonly sdownMs: EpochMs;
  odownMs: EpochMs | null;
  quorum: string | null;
  /** Failovers that this Sentinel began meanwhile. */
  attempts: number;
}

/** What an operator or a guard has asked for, and no failover shows yet. */
interface Wish {
  readonly kind: FailoverKind;
  readonly atMs: EpochMs;
}

/** A request is answered by a failover at once, a guard's within its hold. */
const WISH_MS = 30_000;
/** What a master that is down leads to. */
const OF_OUTAGES: ReadonlySet<FailoverKind> = new Set<FailoverKind>(["down", "guard"]);
const MOST_CANDIDATES = 100;

/** What the log of one Sentinel tells of one master. */
export class Watch {
  readonly #name: string;
  readonly #source: Source;
  readonly #sink: Sink;
  #outage: Outage | null = null;
  #wish: Wish | null = null;
  #attempt: Sighting | null = null;
  /** Who said that there is a new master. */
  #told: { readonly leader: string; readonly atMs: EpochMs } | null = null;

  constructor(name: string, source: Source, sink: Sink) {
    this.#name = name;
    this.#source = source;
    this.#sink = sink;
  }

  down(atMs: EpochMs, { host, port }: Parts): void {
    this.#outage = {
      place: placeOf(host, port),
      sdownMs: atMs,
      odownMs: null,
      quorum: null,
      attempts: 0,
    };
  }

  /** `#quorum 2/2`. */
  enough(atMs: EpochMs, parts: Parts): void {
    if (this.#outage === null) this.down(atMs, parts);
    const outage = this.#outage;
    if (outage === null) return;
    outage.odownMs ??= atMs;
    outage.quorum = parts.rest.at(-1) ?? null;
  }

  up(atMs: EpochMs): void {
    const outage = this.#outage;
    this.#outage = null;
    // That a dead master comes back while replicas are told to follow the next one is no news.
    const isReplaced = this.#attempt !== null && this.#attempt.at.promoted !== null;
    if (outage !== null && !isReplaced) this.#noteOutage(outage, atMs);
  }

  wish(atMs: EpochMs, kind: FailoverKind): void {
    this.#wish = { kind, atMs };
  }

  /** `+try-failover`, `+try-settle`. */
  tries(atMs: EpochMs, epoch: string | null, parts: Parts, isSettle: boolean): Sighting {
    if (this.#attempt !== null) this.#close(atMs, "overtaken");
    const kind = isSettle ? "settle" : this.#kindOf(atMs);
    const outage = OF_OUTAGES.has(kind) ? this.#outage : null;
    if (outage !== null) outage.attempts++;
    const from = outage?.place ?? placeOf(parts.host, parts.port);
    const beganMs = outage?.sdownMs ?? atMs;
    const attempt = this.#sighting({ isOwn: true, kind, epoch, beganMs, from, outage, atMs });
    attempt.at.tried = atMs;
    attempt.leader = this.#source.runId;
    this.#attempt = attempt;
    this.#wish = null;
    return attempt;
  }

  reaches(atMs: EpochMs, phase: "elected" | "selected" | "promoted", parts: Parts): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    attempt.at[phase] ??= atMs;
    attempt.endedMs = atMs;
    if (phase === "elected") return;
    // Another one may be chosen, if the first does not become a master.
    attempt.to = placeOf(parts.host, parts.port);
    if (phase !== "selected" || attempt.to === null) return;
    const chosen = { ...attempt.to, verdict: "chosen", reason: null } as const;
    this.#candidate(attempt, chosen);
  }

  isUnfit(replica: string, reason: string): void {
    const place = namedPlace(replica);
    if (this.#attempt === null || place === null) return;
    this.#candidate(this.#attempt, { ...place, verdict: "unfit", reason });
  }

  /** `+failover-end`; the switch comes in the same moment, or has come. */
  followed(atMs: EpochMs): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    attempt.endedMs = atMs;
    if (attempt.ending === null) attempt.at.followed = atMs;
  }

  endsWithoutAll(): void {
    if (this.#attempt !== null) {
      this.#attempt.ending = "not every replica followed the new master in time";
    }
  }

  /** A word on the end of an attempt, before or behind its event. */
  says(why: string, isBack: boolean): void {
    if (this.#attempt === null) return;
    this.#attempt.ending = why;
    if (isBack) this.#attempt.result = "master-back";
    else this.isCoordinated();
  }

  isCoordinated(): void {
    if (this.#attempt?.kind === "forced") this.#attempt.kind = "coordinated";
  }

  /** `-failover-abort-...`. */
  aborts(atMs: EpochMs, result: FailoverResult): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    this.#close(atMs, attempt.result === "master-back" ? "master-back" : result);
  }

  settled(atMs: EpochMs): void {
    if (this.#attempt?.kind === "settle") this.#close(atMs, "done");
  }

  /** Removed or reset. */
  ends(atMs: EpochMs): void {
    if (this.#attempt !== null) this.#close(atMs, "ended");
    this.#outage = null;
  }

  /** `+config-update-from`. */
  isTold(atMs: EpochMs, leader: string): void {
    this.#told = { leader, atMs };
  }

  /** `+switch-master`: ours if we promoted that replica, else that of another one. */
  switches(
    atMs: EpochMs,
    from: ServerPlace | null,
    to: ServerPlace | null,
    epochOf: EpochOf,
  ): void {
    const attempt = this.#attempt;
    const isOurs = attempt !== null && attempt.at.promoted !== null && isSame(attempt.to, to);
    const outage = this.#outage;
    this.#outage = null;
    const told = this.#told;
    this.#told = null;
    if (isOurs) {
      attempt.at.switched = atMs;
      return this.#close(atMs, "done");
    }
    if (attempt !== null) this.#close(atMs, "overtaken");
    const leader = told?.leader ?? null;
    const beganMs = outage?.sdownMs ?? told?.atMs ?? atMs;
    const epoch = leader === null ? null : epochOf(leader, beganMs);
    const kind = "followed";
    const seen = this.#sighting({ isOwn: false, kind, epoch, beganMs, from, outage, atMs });
    seen.leader = leader;
    seen.to = to;
    seen.at.switched = atMs;
    this.#sink(seen);
  }

  /** Nothing more comes of this Sentinel's life. */
  stops(atMs: EpochMs, result: LogResult): void {
    if (this.#attempt !== null) this.#close(atMs, result);
    const outage = this.#outage;
    this.#outage = null;
    if (outage !== null) this.#noteOutage(outage, null);
  }

  #kindOf(atMs: EpochMs): FailoverKind {
    const wish = this.#wish;
    return wish !== null && atMs - wish.atMs <= WISH_MS ? wish.kind : "down";
  }

  #close(atMs: EpochMs, result: FailoverResult | LogResult): void {
    const attempt = this.#attempt;
    this.#attempt = null;
    if (attempt === null) return;
    attempt.result = result;
    attempt.endedMs = Math.max(attempt.endedMs, atMs);
    this.#sink(attempt);
  }

  #candidate(attempt: Sighting, record: Sighting["candidates"][number]): void {
    const known = attempt.candidates.findIndex((one) => isSame(one, record));
    if (known >= 0) attempt.candidates[known] = record;
    else if (attempt.candidates.length < MOST_CANDIDATES) attempt.candidates.push(record);
  }

  #sighting(about: {
    readonly isOwn: boolean;
    readonly kind: FailoverKind;
    readonly epoch: string | null;
    readonly beganMs: EpochMs;
    readonly from: ServerPlace | null;
    readonly outage: Outage | null;
    readonly atMs: EpochMs;
  }): Sighting {
    const { isOwn, kind, epoch, beganMs, from, outage, atMs } = about;
    return {
      type: "sighting",
      source: this.#source,
      isOwn,
      attempt: outage?.attempts ?? 1,
      name: this.#name,
      kind,
      result: isOwn ? "unfinished" : "done",
      ending: null,
      epoch,
      leader: null,
      from,
      to: null,
      quorum: outage?.quorum ?? null,
      beganMs,
      endedMs: atMs,
      at: { ...NOWHEN, sdown: outage?.sdownMs ?? null, odown: outage?.odownMs ?? null },
      votes: new Map(),
      candidates: [],
    };
  }

  /** Null: it is not over. */
  #noteOutage(outage: Outage, upMs: EpochMs | null): void {
    const { place, sdownMs, odownMs, quorum, attempts } = outage;
    const where = place === null ? "the master" : `${place.host}:${place.port}`;
    const agreed =
      odownMs === null ? "not for enough Sentinels" : `for enough Sentinels: ${quorum}`;
    const tried = attempts === 0 ? "no failover was begun" : `failovers begun: ${attempts}`;
    this.#sink({
      type: "note",
      source: this.#source,
      name: this.#name,
      kind: "outage",
      result: upMs === null ? "began" : "ended",
      text: `${where} was down, ${agreed}; ${tried}`,
      lastedMs: upMs === null ? null : Math.max(0, upMs - sdownMs),
      by: null,
      endedMs: upMs ?? sdownMs,
      subject: where,
      weight: 2 * attempts + (odownMs === null ? 0 : 1),
    });
  }
}

/** The epoch in which this Sentinel voted for that one, for an outage that began then. */
type EpochOf = (leader: string, sinceMs: EpochMs) => string | null;

function isSame(one: ServerPlace | null, other: ServerPlace | null): boolean {
  return one !== null && other !== null && one.host === other.host && one.port === other.port;
}
