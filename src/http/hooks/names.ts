import { type LookupAddress, promises } from "node:dns";
import type { LookupFunction } from "node:net";

type Ask = (host: string) => Promise<readonly LookupAddress[]>;

const askSystem: Ask = (host) => promises.lookup(host, { all: true, verbatim: true });

/** Longer than the longest pause between two attempts: an answer that came too late for one serves the next. */
const KEPT_MS = 70_000;

/**
 * Looks names up for all hooks, one at a time. The system is asked on two threads at most, a question cannot be
 * called off, and the Sentinel has names of its own to look up [D-NAMES]: hooks hold one thread at most, however many
 * attempts are made while a name server hangs.
 */
export class HookNames {
  readonly #ask: Ask;
  /** Asked, or about to be, or answered a short time ago. */
  readonly #known = new Map<string, Promise<readonly LookupAddress[]>>();
  /** Ends with the last question; never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(ask: Ask = askSystem) {
    this.#ask = ask;
  }

  /** In the place of `dns.lookup`. */
  readonly lookup: LookupFunction = (host, { all }, callback) => {
    this.#addressesOf(host).then(
      (addresses) => {
        const [first] = addresses;
        if (all) callback(null, [...addresses]);
        else callback(null, first?.address ?? "", first?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };

  #addressesOf(host: string): Promise<readonly LookupAddress[]> {
    const known = this.#known.get(host);
    if (known !== undefined) return known;
    const answer = this.#last.then(() => this.#ask(host));
    const forget = () => this.#known.delete(host);
    this.#last = answer.then(() => setTimeout(forget, KEPT_MS).unref(), forget);
    this.#known.set(host, answer);
    return answer;
  }
}
