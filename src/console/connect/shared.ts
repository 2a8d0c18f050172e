import type { Answer } from "../../quorum/answer.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import type { Access } from "./access.ts";
import type { Client } from "./client.ts";

/** Questions to one Sentinel that wait for their answers at a time: it must not be kept from its work. */
const MOST_OPEN = 16;

/** One connection to each Sentinel, for what is asked about many masters. */
export class SharedClients {
  readonly #access: Pick<Access, "sentinel">;
  readonly #lanes = new Map<string, Lane>();

  constructor(access: Pick<Access, "sentinel">) {
    this.#access = access;
  }

  /** @throws Refusal or NoAnswer */
  call(place: Place, words: readonly string[]): Promise<Answer> {
    const key = nameOf(place);
    const lane = this.#lanes.get(key) ?? new Lane(this.#access.sentinel(place));
    this.#lanes.set(key, lane);
    return lane.call(words);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()));
  }
}

class Lane {
  readonly #client: Promise<Client>;
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(client: Promise<Client>) {
    this.#client = client;
    // Whoever calls hears of it.
    client.catch(() => undefined);
  }

  async call(words: readonly string[]): Promise<Answer> {
    if (this.#open >= MOST_OPEN) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#open++;
    try {
      return await (await this.#client).call(words);
    } finally {
      this.#open--;
      this.#waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    const client = await this.#client.catch(() => null);
    client?.close();
  }
}
