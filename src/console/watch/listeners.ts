import { nameOf, type Place } from "../../quorum/place.ts";
import type { Access } from "../connect/access.ts";
import type { Client } from "../connect/client.ts";
import { NoAnswer, Refusal } from "../connect/errors.ts";
import { type Heard, heardEvent } from "./event.ts";

/** So long after a lost connection the next one is tried. */
const AGAIN_MS = 1_000;
/** A Sentinel that stands still keeps its connections: so often it must show that it does not. */
const PROBE_MS = 2_000;

/** Hears the events of all Sentinels that become known; one that is lost is dialled again until the end. */
export class Listeners {
  readonly #access: Access;
  readonly #hear: (event: Heard) => void;
  readonly #places = new Set<string>();
  readonly #clients = new Set<Client>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isOver = false;

  constructor(access: Access, hear: (event: Heard) => void) {
    this.#access = access;
    this.#hear = hear;
  }

  /** How many are heard now. */
  get count(): number {
    return this.#clients.size;
  }

  add(place: Place): void {
    const key = nameOf(place);
    if (this.#places.has(key) || this.#isOver) return;
    this.#places.add(key);
    this.#dial(place);
  }

  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const client of this.#clients) client.close();
  }

  #dial(place: Place): void {
    this.#listen(place).then(
      () => this.#later(AGAIN_MS, () => this.#dial(place)),
      // A mistake of ours ends the program, as anywhere else.
      (error: unknown) => setImmediate(() => throwIt(error)),
    );
  }

  async #listen(place: Place): Promise<void> {
    let client: Client | null = null;
    try {
      client = await this.#access.sentinel(place);
      if (this.#isOver) return;
      await client.psubscribe("*", (name, payload) => {
        const event = heardEvent(place, name, payload, new Date());
        if (event !== null) this.#hear(event);
      });
      this.#clients.add(client);
      this.#probe(client);
      await client.closed;
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refusal)) throw error;
    } finally {
      client?.close();
      if (client !== null) this.#clients.delete(client);
    }
  }

  #probe(client: Client): void {
    this.#later(PROBE_MS, () => {
      if (!this.#clients.has(client)) return;
      client.call(["PING"]).then(
        () => this.#probe(client),
        () => client.close(),
      );
    });
  }

  #later(ms: number, work: () => void): void {
    if (this.#isOver) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }
}

function throwIt(error: unknown): never {
  throw error;
}
