import type { LogEntry } from "./entry.ts";
import { join } from "./join.ts";
import { LineReader } from "./line.ts";
import type { EpochMs } from "./line-time.ts";
import { SentinelLog } from "./sentinel-log.ts";
import type { NoteSighting, Sighting } from "./sighting.ts";

/** Sightings of one file and of all; the oldest are dropped. */
const MOST_SIGHTINGS = 20_000;
/** Different origins and processes of one log; more are not told apart. */
const MOST_SOURCES = 1_000;

/** What of the logs could not be taken. */
interface LogCounts {
  /** Lines that are no Sentinel's, or say nothing in a form that is known. */
  readonly strange: number;
  readonly lines: number;
  /** Incidents that were too many to keep, the oldest. */
  readonly dropped: number;
}

/**
 * The logs of some Sentinels, one after the other, and the history that they tell together. A log may be of many
 * files, oldest first: who rotates it goes on in the next one.
 */
export class LogHistory {
  #seen: (Sighting | NoteSighting)[] = [];
  #dropped = 0;
  #lines = 0;
  #strange = 0;

  /** `label`: how the log is called where its Sentinel did not tell its id. */
  log(label: string): OneLog {
    const sources = new Sources(label, (seen) => this.#add(seen));
    return {
      file: (newestMs) => {
        const reader = new LineReader(newestMs);
        return (line) => {
          this.#lines++;
          if (!sources.take(reader, line)) this.#strange++;
        };
      },
      end: () => sources.end(),
    };
  }

  get counts(): LogCounts {
    return { lines: this.#lines, strange: this.#strange, dropped: this.#dropped };
  }

  /** Oldest first. */
  entries(): readonly LogEntry[] {
    return join(this.#seen);
  }

  #add(seen: Sighting | NoteSighting): void {
    this.#seen.push(seen);
    // Seldom, as it moves all of them.
    if (this.#seen.length < 2 * MOST_SIGHTINGS) return;
    this.#dropped += this.#seen.length - MOST_SIGHTINGS;
    this.#seen = this.#seen.slice(-MOST_SIGHTINGS);
  }
}

/** The log of one Sentinel, or of many in one stream. */
interface OneLog {
  /** Begins its next file, last written at that time; takes its lines in order. */
  file(newestMs: EpochMs): (line: string) => void;
  end(): void;
}

/** The Sentinels of one log: told apart by where their lines come from, and by their processes. */
class Sources {
  readonly #label: string;
  readonly #sink: (seen: Sighting | NoteSighting) => void;
  readonly #logs = new Map<string, SentinelLog>();
  /** The last process that began, by origin, and those that it may have taken the place of. */
  readonly #restarted = new Set<SentinelLog>();

  constructor(label: string, sink: (seen: Sighting | NoteSighting) => void) {
    this.#label = label;
    this.#sink = sink;
  }

  /** False: nothing for us. */
  take(reader: LineReader, raw: string): boolean {
    const line = reader.read(raw);
    if (line === null) return false;
    const key = `${line.pid} ${line.from}`;
    const known = this.#logs.get(key);
    const log = known ?? this.#begin(key, line.from);
    this.#restarted.delete(log);
    const type = log.take(line);
    if (known === undefined && (type === "starting" || type === "version")) {
      this.#replacing(log, line.from);
    }
    return true;
  }

  end(): void {
    for (const log of this.#logs.values()) log.end(this.#restarted.has(log));
    this.#logs.clear();
    this.#restarted.clear();
  }

  #begin(key: string, from: string): SentinelLog {
    const [first] = this.#logs.values();
    if (this.#logs.size >= MOST_SOURCES && first !== undefined) return first;
    const label = from === "" ? this.#label : from;
    const log = new SentinelLog(label, this.#sink);
    this.#logs.set(key, log);
    return log;
  }

  /** A process that starts where another one was heard may be the next life of it. */
  #replacing(log: SentinelLog, from: string): void {
    for (const [key, other] of this.#logs) {
      if (other !== log && key.endsWith(` ${from}`)) this.#restarted.add(other);
    }
  }
}
