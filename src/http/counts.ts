import { bytesOf } from "../base/bytes.ts";
import type { FailoverRecord, Incident } from "../base/journal-entry.ts";
import type { Millis } from "../core/state.ts";
import type { SentinelView } from "../view/types.ts";
import { Family, type Labels, labelsOf } from "./exposition.ts";
import type { HttpHost } from "./host.ts";

/** In seconds. */
const BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180];
const PHASES = ["detect", "elect", "promote", "switch", "follow"] as const;
type Phase = (typeof PHASES)[number];
/** The Sentinel looks about ten times a second at least. */
const TICK_MS = 100;

interface Histogram {
  /** How many were at most so long, by BOUNDS. */
  readonly within: number[];
  count: number;
  sum: number;
}

/** What happened since the start, for metrics: nothing of it is seen afterwards. At rest it costs nothing. */
export class Counts {
  readonly #host: HttpHost;
  readonly #failovers = new Tally();
  readonly #votes = new Tally({ result: "own" }, { result: "other" });
  readonly #guards = new Tally({ guard: "reborn" }, { guard: "lineage" });
  readonly #phases = new Map(PHASES.map((phase) => [phase, emptyHistogram()]));
  /** Of the last failover of each master. */
  readonly #lackedBytes = new Map<string, number>();
  #failedSaves = 0;
  #savedAt: number | null = null;
  #tickedAt: Millis | null = null;
  #longestMs: Millis = 0;

  constructor(host: HttpHost) {
    this.#host = host;
  }

  hear(name: string, payload: string): void {
    if (name.startsWith("+guard-")) this.#guards.add({ guard: name.slice("+guard-".length) });
    if (name !== "+vote-for-leader") return;
    const own = this.#host.view()?.sentinel(this.#host.now()).runId ?? "";
    this.#votes.add({ result: payload.startsWith(`${own} `) ? "own" : "other" });
  }

  note(incident: Incident): void {
    if (incident.type !== "failover") return;
    const { name, kind, result, lacked } = incident;
    this.#failovers.add({ master_name: name, kind, result });
    if (result !== "done") return;
    if (lacked !== null) this.#lackedBytes.set(name, lacked.bytes);
    for (const [phase, ms] of spansOf(incident)) this.#addPhase(phase, ms / 1_000);
  }

  saved(ok: boolean): void {
    if (ok) this.#savedAt = this.#host.wallNow();
    else this.#failedSaves += 1;
  }

  tick(): void {
    const now = this.#host.now();
    const sinceLast = now - (this.#tickedAt ?? now);
    this.#tickedAt = now;
    this.#longestMs = Math.max(this.#longestMs, sinceLast - TICK_MS);
  }

  /** For one scrape. */
  families({ tilt, versions }: SentinelView): readonly Family[] {
    const lag = counted(
      "loop_lag_seconds",
      "gauge",
      "How late a look was at most since the last scrape",
    );
    lag.add(this.#longestMs / 1_000);
    this.#longestMs = 0;
    const saves = counted("config_save_failures_total", "counter", "Saves that failed");
    saves.add(this.#failedSaves);
    const savedAt = counted("config_last_save_timestamp_seconds", "gauge", "The last good save");
    if (this.#savedAt !== null) savedAt.add(this.#savedAt / 1_000);
    const tilts = counted("tilts_total", "counter", "How often TILT was entered");
    tilts.add(tilt.count);
    const info = counted("build_info", "gauge", "What this is");
    info.add(1, labelsOf({ version: versions.own, redis: versions.redis, node: process.version }));
    const votes = counted(
      "votes_total",
      "counter",
      "Votes given, to itself or to another Sentinel",
    );
    this.#votes.addTo(votes);
    const guards = counted("guard_total", "counter", "How often a guard against lost data spoke");
    this.#guards.addTo(guards);
    const counts = [lag, saves, savedAt, tilts, info, votes, guards];
    return [...counts, ...this.#ofFailovers(), ...ofHooks(this.#host)];
  }

  #ofFailovers(): readonly Family[] {
    const failovers = counted("failovers_total", "counter", "Failovers that ended, and how");
    this.#failovers.addTo(failovers);
    const lacked = counted(
      "failover_lacked_bytes",
      "gauge",
      "What the new master lacked of the last known offset of the old one, at the last failover",
    );
    for (const [name, bytes] of this.#lackedBytes) {
      lacked.add(bytes, labelsOf({ master_name: name }));
    }
    const phases = counted("failover_phase_seconds", "histogram", "How long each phase took");
    for (const [phase, histogram] of this.#phases) addHistogram(phases, phase, histogram);
    return [failovers, lacked, phases];
  }

  #addPhase(phase: Phase, seconds: number): void {
    const histogram = this.#phases.get(phase);
    if (histogram === undefined) return;
    for (const [at, bound] of BOUNDS.entries()) {
      if (seconds <= bound) histogram.within[at] = (histogram.within[at] ?? 0) + 1;
    }
    histogram.count += 1;
    histogram.sum += seconds;
  }
}

/** Each combination of labels with its count. */
class Tally {
  readonly #counts: Map<string, number>;

  /** `known`: those that are there from the start, so that the first of them is seen as an increase. */
  constructor(...known: readonly Labels[]) {
    this.#counts = new Map(known.map((labels) => [labelsOf(labels), 0]));
  }

  add(labels: Labels): void {
    const key = labelsOf(labels);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  addTo(family: Family): void {
    for (const [labels, count] of this.#counts) family.add(count, labels);
  }
}

function ofHooks(host: HttpHost): readonly Family[] {
  const results = counted("webhooks_total", "counter", "What became of events for webhooks");
  const waiting = counted("webhooks_waiting", "gauge", "Events that wait for a webhook");
  const dead = counted("webhook_dead", "gauge", "A webhook takes nothing for a minute and longer");
  for (const one of host.hooks()) {
    const hook = labelsOf({ hook: bytesOf(one.hook) });
    waiting.add(one.waiting, hook);
    dead.add(one.death === null ? 0 : 1, hook);
    for (const [result, count] of Object.entries(one.figures)) {
      results.add(count, `${hook},result="${result}"`);
    }
  }
  return [results, waiting, dead];
}

function counted(name: string, type: "gauge" | "counter" | "histogram", help: string): Family {
  return new Family(`redis_sentinel_${name}`, type, help);
}

function addHistogram(family: Family, phase: string, { within, count, sum }: Histogram): void {
  const labels = labelsOf({ phase });
  for (const [at, bound] of BOUNDS.entries()) {
    family.add(within[at] ?? 0, `${labels},le="${bound}"`, "_bucket");
  }
  family.add(count, `${labels},le="+Inf"`, "_bucket");
  family.add(sum, labels, "_sum");
  family.add(count, labels, "_count");
}

function emptyHistogram(): Histogram {
  return { within: BOUNDS.map(() => 0), count: 0, sum: 0 };
}

/** From one step to the next; only of those that were reached. */
function spansOf({ phases }: FailoverRecord): readonly (readonly [phase: Phase, ms: number])[] {
  const { elected, promoted, switched, followed } = phases;
  const begun = phases.odown ?? phases.sdown;
  const spans: Record<Phase, number | null> = {
    detect: begun,
    elect: between(begun ?? 0, elected),
    promote: between(elected, promoted),
    switch: between(promoted, switched),
    follow: between(promoted, followed),
  };
  return PHASES.flatMap((phase) => {
    const ms = spans[phase];
    return ms === null ? [] : [[phase, ms] as const];
  });
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, to - from);
}
