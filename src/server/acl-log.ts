/** Refusals of the same kind within this time are one entry. */
const GROUPING_MS = 60_000;

export interface AclLogEntry {
  readonly id: number;
  count: number;
  readonly reason: "command" | "channel" | "auth" | "tls-cert";
  /** The command, channel or user that was refused. */
  readonly object: string;
  readonly username: string;
  clientInfo: string;
  readonly createdAtUnixMs: number;
  updatedAtUnixMs: number;
}

type Refusal = Pick<AclLogEntry, "reason" | "object" | "username" | "clientInfo">;

/** The recent refusals, newest first, for ACL LOG. */
export class AclLog {
  #maxEntries: number;
  #entries: AclLogEntry[] = [];
  #nextId = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  add(refusal: Refusal, nowUnixMs: number): void {
    const similar = this.#entries.find((entry) => isSimilar(entry, refusal, nowUnixMs));
    if (similar === undefined) this.#insert(refusal, nowUnixMs);
    else this.#repeat(similar, refusal.clientInfo, nowUnixMs);
  }

  /** Fewer of them are kept from now on, or more. */
  resize(maxEntries: number): void {
    this.#maxEntries = maxEntries;
    this.#entries = this.#entries.slice(0, Math.max(0, maxEntries));
  }

  latest(count: number): readonly AclLogEntry[] {
    return this.#entries.slice(0, count);
  }

  clear(): void {
    this.#entries = [];
  }

  #insert(refusal: Refusal, nowUnixMs: number): void {
    const entry = { ...refusal, id: this.#nextId++, count: 1 };
    this.#entries.unshift({ ...entry, createdAtUnixMs: nowUnixMs, updatedAtUnixMs: nowUnixMs });
    this.#entries.length = Math.min(this.#entries.length, this.#maxEntries);
  }

  #repeat(entry: AclLogEntry, clientInfo: string, nowUnixMs: number): void {
    entry.count += 1;
    entry.clientInfo = clientInfo;
    entry.updatedAtUnixMs = nowUnixMs;
    this.#entries = [entry, ...this.#entries.filter((other) => other !== entry)];
  }
}

function isSimilar(entry: AclLogEntry, refusal: Refusal, nowUnixMs: number): boolean {
  return (
    entry.reason === refusal.reason &&
    entry.object === refusal.object &&
    entry.username === refusal.username &&
    nowUnixMs - entry.updatedAtUnixMs <= GROUPING_MS
  );
}
