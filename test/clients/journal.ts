/** One line that a client program prints; `t` is its own wall clock in milliseconds. */
export interface JournalLine {
  readonly t: number;
  /** Number of a write that the server acknowledged. */
  readonly wrote?: number;
  /** Text of an error that the program's user would have seen. */
  readonly error?: string;
  /** Ports of the master and of its usable replicas, as the client learnt them from the Sentinels. */
  readonly master?: number;
  readonly replicas?: readonly number[];
  /** Port of the server that answered a read meant for a replica. */
  readonly read?: number;
}

/** What one client lived through, in its own words. */
export class Journal {
  readonly writes: { readonly t: number; readonly seq: number }[] = [];
  readonly errors: { readonly t: number; readonly text: string }[] = [];
  /** The latest line of each kind. */
  master: Seen<number> | null = null;
  replicas: Seen<readonly number[]> | null = null;
  read: Seen<number> | null = null;

  add(line: JournalLine): void {
    const { t, wrote, error, master, replicas, read } = line;
    if (wrote !== undefined) this.writes.push({ t, seq: wrote });
    if (error !== undefined) this.errors.push({ t, text: error });
    if (master !== undefined) this.master = { t, value: master };
    if (replicas !== undefined) this.replicas = { t, value: replicas };
    if (read !== undefined) this.read = { t, value: read };
  }

  writesAfter(t: number): number {
    return this.writes.filter((write) => write.t > t).length;
  }

  /**
   * The longest time without an acknowledged write that ends after `from` and begins before `to`.
   * With `kept`, writes that the last master does not have do not count.
   */
  longestGapMs(from: number, to: number, kept?: ReadonlySet<number>): number {
    const times = this.writes.filter(({ seq }) => kept?.has(seq) ?? true).map(({ t }) => t);
    const gaps = times.map((t, at) => {
      const before = times[at - 1] ?? t;
      return t > from && before < to ? t - before : 0;
    });
    return Math.max(0, ...gaps);
  }

  /** How often each error was seen, ports and addresses left out. */
  errorCounts(from: number, to: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { t, text } of this.errors) {
      if (t <= from || t > to) continue;
      const kind = kindOf(text);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  }
}

interface Seen<T> {
  readonly t: number;
  readonly value: T;
}

/** null: not a line of the journal, but something that the program or its runtime printed. */
export function parseLine(text: string): JournalLine | null {
  if (!text.startsWith('{"t":')) return null;
  return JSON.parse(text) as JournalLine;
}

const longestKind = 90;

/** The same error of two servers is one kind. */
function kindOf(text: string): string {
  const line = text.split("\n")[0] ?? "";
  const general = line
    .replace(/\[?(::1|127\.0\.0\.\d|localhost)\]?:\d+/g, "HOST:PORT")
    .replace(/\b2\d{4}\b/g, "PORT")
    .replace(/\s+/g, " ");
  return general.length > longestKind ? `${general.slice(0, longestKind)}...` : general;
}
