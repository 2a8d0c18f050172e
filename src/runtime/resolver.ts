import { lookup } from "node:dns/promises";

/** A look-up that takes longer has failed; pain.md 8: a slow name server must not stall anything. */
const LOOKUP_DEADLINE_MS = 2_000;

export type Lookup = (host: string) => Promise<readonly { readonly address: string }[]>;

/**
 * Host names to addresses, off the loop. `verbatim` keeps the order of getaddrinfo, whose first
 * answer is what the reference takes; the system's own preference rules (gai.conf) stay in force.
 */
const systemLookup: Lookup = (host) => lookup(host, { all: true, verbatim: true });

/**
 * Looks names up, at most one look-up per name at a time. Node runs them on four threads, so a
 * name that hangs can delay others; its own answer is given up after the deadline.
 */
export class Resolver {
  readonly #deliver: (host: string, ip: string | null) => void;
  readonly #lookup: Lookup;
  readonly #deadlineMs: number;
  /** By host: the timer that identifies its present look-up. */
  readonly #inFlight = new Map<string, NodeJS.Timeout>();

  constructor(
    deliver: (host: string, ip: string | null) => void,
    lookupHost: Lookup = systemLookup,
    deadlineMs = LOOKUP_DEADLINE_MS,
  ) {
    this.#deliver = deliver;
    this.#lookup = lookupHost;
    this.#deadlineMs = deadlineMs;
  }

  /** Ends in exactly one `deliver` for all callers that ask while it runs. */
  resolve(host: string): void {
    if (this.#inFlight.has(host)) return;
    const deadline = setTimeout(() => this.#finish(host, null, deadline), this.#deadlineMs);
    deadline.unref();
    this.#inFlight.set(host, deadline);
    void this.#firstAddress(host).then((ip) => this.#finish(host, ip, deadline));
  }

  async #firstAddress(host: string): Promise<string | null> {
    try {
      const addresses = await this.#lookup(host);
      return addresses[0]?.address ?? null;
    } catch {
      return null;
    }
  }

  #finish(host: string, ip: string | null, deadline: NodeJS.Timeout): void {
    // An answer after its deadline, or that of an earlier look-up, is nobody's.
    if (this.#inFlight.get(host) !== deadline) return;
    clearTimeout(deadline);
    this.#inFlight.delete(host);
    this.#deliver(host, ip);
  }
}
