import { lookup } from "node:dns/promises";

/** A look-up that takes longer has failed: a slow name server must not stall anything [D-NAMES]. */
const LOOKUP_DEADLINE_MS = 2_000;

type Lookup = (host: string) => Promise<readonly { readonly address: string }[]>;

/**
 * Host names to addresses, off the loop. `verbatim` keeps the order of getaddrinfo, whose first
 * answer is what the reference takes; the system's own preference rules (gai.conf) stay in force.
 */
const systemLookup: Lookup = (host) => lookup(host, { all: true, verbatim: true });

/**
 * Looks names up. Node asks the system on four threads, and a look-up cannot be called off: a name
 * that hangs is given up after the deadline, but asked no second time until the system answered,
 * so that a dead name server never builds up a queue.
 */
export class Resolver {
  readonly #deliver: (host: string, ip: string | null) => void;
  readonly #lookup: Lookup;
  readonly #deadlineMs: number;
  /** The hosts being looked up, with the deadline of whoever waits; null: given up. */
  readonly #running = new Map<string, NodeJS.Timeout | null>();

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
    const running = this.#running.get(host);
    if (running) return;
    this.#running.set(host, this.#deadlineFor(host));
    if (running === undefined) void this.#start(host);
  }

  #deadlineFor(host: string): NodeJS.Timeout {
    const giveUp = (): void => {
      this.#running.set(host, null);
      this.#deliver(host, null);
    };
    return setTimeout(giveUp, this.#deadlineMs).unref();
  }

  async #start(host: string): Promise<void> {
    const ip = await this.#firstAddress(host);
    const deadline = this.#running.get(host) ?? null;
    this.#running.delete(host);
    // An answer that nobody waits for any more is dropped.
    if (deadline === null) return;
    clearTimeout(deadline);
    this.#deliver(host, ip);
  }

  async #firstAddress(host: string): Promise<string | null> {
    try {
      const addresses = await this.#lookup(host);
      return addresses[0]?.address ?? null;
    } catch {
      return null;
    }
  }
}
