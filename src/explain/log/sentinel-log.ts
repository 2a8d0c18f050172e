import { explainEvent } from "../event.ts";
import type { LogNote } from "./entry.ts";
import type { LogLine } from "./line.ts";
import type { EpochMs } from "./line-time.ts";
import { readMessage, type Said } from "./message.ts";
import { eventNoteKind, isRepeat } from "./notes.ts";
import { type NoteSighting, placeOf, type Sighting, type Sink, type Source } from "./sighting.ts";
import { dropFirst, put } from "./small-map.ts";
import { Watch } from "./watch.ts";

/** More masters than that are not watched at once. */
const MOST_MASTERS = 10_000;
/** Votes and attempts, by epoch. */
const MOST_EPOCHS = 10_000;
/** The default failover-timeout: a vote before that was in another failover. */
const VOTE_MS = 180_000;

const MOST_VOTES = 4;
const MOST_VOTERS = 1_000;

interface Vote {
  readonly epoch: string;
  readonly atMs: EpochMs;
}

type Event = Extract<Said, { type: "event" }>;

/** One life or more of one Sentinel, as its lines tell it. */
export class SentinelLog {
  readonly source: Source;
  readonly #sink: Sink;
  readonly #watches = new Map<string, Watch>();
  /** Its own, by epoch. */
  readonly #attempts = new Map<string, Sighting>();
  /** Its last votes for a Sentinel. */
  readonly #votedFor = new Map<string, readonly Vote[]>();
  /** Where a replica was last selected. */
  #selecting: Watch | null = null;
  #lastMs: EpochMs = 0;
  #epoch: string | null = null;
  #tiltSinceMs: EpochMs | null = null;
  /** What a start says comes in some lines: they are one start. */
  #isStarting = false;
  #hasStopped = false;
  #version: string | null = null;
  #lastNote: NoteSighting | null = null;

  constructor(label: string, sink: Sink) {
    this.source = { label, runId: null, votes: new Map() };
    this.#sink = sink;
  }

  get lastMs(): EpochMs {
    return this.#lastMs;
  }

  take({ atMs, message }: LogLine): Said["type"] | null {
    const said = readMessage(message);
    this.#lastMs = atMs;
    if (said !== null) this.#hear(atMs, said);
    return said?.type ?? null;
  }

  /** Its lines end here; `restarted`: and it was started anew after them. */
  end(isRestarted: boolean): void {
    this.#stops(this.#lastMs, isRestarted || this.#hasStopped);
    this.#watches.clear();
  }

  #hear(atMs: EpochMs, said: Said): void {
    switch (said.type) {
      case "starting":
      case "version":
      case "running":
      case "id":
        return this.#starts(atMs, said);
      case "stopping":
        this.#hasStopped = true;
        this.#note(atMs, { name: null, kind: "stop", text: said.text });
        return;
      case "event":
        return this.#event(atMs, said);
      case "vote":
        return this.#hearsOfVote(said);
      case "requested":
        return this.#watch(said.master).wish(atMs, said.kind);
      case "held":
        return this.#watch(said.master).isCoordinated();
      case "ending":
        return this.#watch(said.master).says(said.why, said.isBack);
      case "unfit":
        return this.#watch(said.master).isUnfit(said.replica, said.why);
      case "lost":
        return this.#selecting?.isUnfit(said.replica, said.why);
      case "refused":
        this.#note(atMs, { name: said.master, kind: "refused", text: said.why });
        return;
      case "trouble":
        this.#note(atMs, { name: null, kind: said.kind, text: said.text });
        return;
      default:
        return said satisfies never;
    }
  }

  #starts(
    atMs: EpochMs,
    said: Extract<Said, { type: "starting" | "version" | "running" | "id" }>,
  ): void {
    if (!this.#isStarting) {
      this.#stops(atMs, true);
      this.#isStarting = true;
      this.#hasStopped = false;
      this.#epoch = null;
      this.#version = null;
    }
    if (said.type === "id") this.source.runId = said.runId;
    if (said.type === "version") this.#version = said.text;
    if (said.type !== "running") return;
    const version = this.#version === null ? "" : `: ${this.#version}`;
    this.#note(atMs, { name: null, kind: "start", text: `the Sentinel was started${version}` });
  }

  #stops(atMs: EpochMs, isRestarted: boolean): void {
    for (const watch of this.#watches.values()) {
      watch.stops(atMs, isRestarted ? "restarted" : "unfinished");
    }
    this.#watches.clear();
    if (this.#tiltSinceMs !== null) this.#tilt(null);
  }

  #event(atMs: EpochMs, event: Event): void {
    const { name, parts } = event;
    if (name === "+monitor" && this.#isStarting) return;
    if (parts.kind !== null) this.#isStarting = false;
    switch (name) {
      case "+new-epoch":
        this.#epoch = parts.rest[0] ?? null;
        return;
      case "+vote-for-leader":
        return this.#voted(atMs, parts.rest[0] ?? "", parts.rest[1] ?? "");
      case "+switch-master":
        return this.#switched(atMs, parts.rest);
      case "+tilt":
        this.#tiltSinceMs ??= atMs;
        return;
      case "-tilt":
        return this.#tilt(atMs);
    }
    if (parts.kind === "master") this.#ofMaster(atMs, event);
    else if (name === "+selected-slave") {
      this.#selecting = this.#watch(parts.master);
      this.#selecting.reaches(atMs, "selected", parts);
    } else if (name === "+promoted-slave")
      this.#watch(parts.master).reaches(atMs, "promoted", parts);
    else if (name === "+config-update-from") this.#watch(parts.master).isTold(atMs, parts.name);
    this.#noteOf(atMs, event);
  }

  #ofMaster(atMs: EpochMs, event: Event): void {
    const { name, parts } = event;
    const watch = this.#watch(parts.master);
    switch (name) {
      case "+sdown":
        return watch.down(atMs, parts);
      case "-sdown":
        return watch.up(atMs);
      case "+odown":
        return watch.enough(atMs, parts);
      case "+try-failover":
      case "+try-settle":
        return this.#tries(atMs, watch, event);
      case "+elected-leader":
        return watch.reaches(atMs, "elected", parts);
      case "+failover-end-for-timeout":
        return watch.endsWithoutAll();
      case "+failover-end":
        return watch.followed(atMs);
      case "-failover-abort-not-elected":
        return watch.aborts(atMs, "not-elected");
      case "-failover-abort-no-good-slave":
        return watch.aborts(atMs, "no-good-slave");
      case "-failover-abort-slave-timeout":
        return watch.aborts(atMs, "slave-timeout");
      case "-failover-abort-master-timeout":
        return watch.aborts(atMs, "master-timeout");
      case "+config-settled":
        return watch.settled(atMs);
      case "+guard-reborn":
        return watch.wish(atMs, "guard");
      case "+reset-master":
      case "-monitor":
        return watch.ends(atMs);
    }
  }

  /** Its vote for itself follows `+try-failover`, and tells its id if nothing else did. */
  #voted(atMs: EpochMs, leader: string, epoch: string): void {
    put(this.source.votes, epoch, leader, MOST_EPOCHS);
    const before = this.#votedFor.get(leader) ?? [];
    put(this.#votedFor, leader, [...before, { epoch, atMs }].slice(-MOST_VOTES), MOST_EPOCHS);
    this.#epoch = epoch;
    const attempt = this.#attempts.get(epoch);
    if (attempt === undefined || attempt.votes.size > 0) return;
    this.source.runId ??= leader;
    attempt.leader ??= this.source.runId;
  }

  #hearsOfVote({ sentinel, leader, epoch }: Extract<Said, { type: "vote" }>): void {
    const attempt = this.#attempts.get(epoch);
    if (attempt !== undefined) put(attempt.votes, sentinel, leader, MOST_VOTERS);
  }

  #tries(atMs: EpochMs, watch: Watch, { name, parts }: Event): void {
    const attempt = watch.tries(atMs, this.#epoch, parts, name === "+try-settle");
    if (this.#epoch !== null) put(this.#attempts, this.#epoch, attempt, MOST_EPOCHS);
  }

  /** The name of a master may hold blanks. */
  #switched(atMs: EpochMs, rest: readonly string[]): void {
    const [oldHost, oldPort, host, port] = rest.slice(-4);
    const watch = this.#watch(rest.slice(0, -4).join(" "));
    const epochOf = (leader: string, sinceMs: EpochMs): string | null => {
      const recent = (this.#votedFor.get(leader) ?? []).filter(
        (vote) => atMs - vote.atMs <= VOTE_MS,
      );
      const here = recent.filter((vote) => vote.atMs >= sinceMs);
      // A vote names no master: of two since the outage began either may be this one's.
      return here.length > 1 ? null : (recent.at(-1)?.epoch ?? null);
    };
    watch.switches(atMs, placeOf(oldHost, oldPort), placeOf(host, port), epochOf);
  }

  /** Null: it is not over. */
  #tilt(endMs: EpochMs | null): void {
    const sinceMs = this.#tiltSinceMs;
    this.#tiltSinceMs = null;
    const atMs = endMs ?? sinceMs;
    if (atMs === null) return;
    const lastedMs = endMs === null || sinceMs === null ? null : Math.max(0, endMs - sinceMs);
    const result = endMs === null ? "began" : "ended";
    const text = "this Sentinel stood still or its clock jumped, and acted on nothing";
    this.#note(atMs, { name: null, kind: "tilt", text, result, lastedMs });
  }

  #noteOf(atMs: EpochMs, { name, payload, parts }: Event): void {
    const kind = eventNoteKind(name, parts.kind);
    const text = kind === null ? null : explainEvent(name, payload);
    if (kind === null || text === null) return;
    const result = name === "+pause" ? "began" : name === "-pause" ? "ended" : "done";
    const master = parts.master === "" ? null : parts.master;
    // Each tells for how long, which depends on when it heard.
    const subject = kind === "leaving" ? kind : text;
    this.#note(atMs, { name: master, kind, text, result, subject });
  }

  #note(
    endedMs: EpochMs,
    about: Pick<LogNote, "name" | "kind" | "text"> &
      Partial<Pick<NoteSighting, "result" | "lastedMs" | "subject">>,
  ): void {
    const { source } = this;
    const defaults = { result: "done", lastedMs: null, subject: about.text, weight: 0 } as const;
    const note = { type: "note", source, by: null, endedMs, ...defaults, ...about } as const;
    const isSaid = this.#lastNote !== null && isRepeat(note, this.#lastNote);
    this.#lastNote = note;
    if (!isSaid) this.#sink(note);
  }

  #forgetSome(): void {
    for (const watch of dropFirst(this.#watches, MOST_MASTERS / 8)) {
      watch.stops(this.#lastMs, "unfinished");
    }
  }

  #watch(name: string): Watch {
    const known = this.#watches.get(name);
    if (known !== undefined) return known;
    if (this.#watches.size >= MOST_MASTERS) this.#forgetSome();
    const watch = new Watch(name, this.source, this.#sink);
    this.#watches.set(name, watch);
    return watch;
  }
}
