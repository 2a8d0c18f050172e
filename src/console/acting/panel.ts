import type { Answer, Told } from "../../quorum/answer.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import type { Access } from "../connect/access.ts";
import type { Client } from "../connect/client.ts";
import { NoAnswer, Refusal } from "../connect/errors.ts";

/** An error of the other side, in the operator's words. @throws what is none. */
export function messageOf(error: unknown): string {
  if (error instanceof Refusal || error instanceof NoAnswer) return error.message;
  throw error;
}

/** Sentinels that are asked again and again while something is done; one that ends is dialled again. */
export class Panel {
  readonly #access: Access;
  readonly #clients = new Map<string, Client>();
  /** For connecting, and for each answer. */
  readonly #limitMs: number;

  constructor(access: Access, limitMs: number) {
    this.#access = access;
    this.#limitMs = limitMs;
  }

  /** Its answer, or why there is none; an error that it answers begins with a code in capitals. */
  async ask(place: Place, words: readonly string[]): Promise<Told<Answer>> {
    try {
      const client = await this.#clientOf(place);
      return { ok: true, value: await client.call(words) };
    } catch (error) {
      return { ok: false, error: messageOf(error) };
    }
  }

  /** All of them at once, in their order. */
  async askAll(places: readonly Place[], words: readonly string[]): Promise<Told<Answer>[]> {
    return await Promise.all(places.map((place) => this.ask(place, words)));
  }

  async #clientOf(place: Place): Promise<Client> {
    const key = nameOf(place);
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client = await this.#access.sentinel(place, this.#limitMs);
    // Two questions at once have opened two.
    this.#clients.get(key)?.close();
    this.#clients.set(key, client);
    void client.closed.then(() => {
      if (this.#clients.get(key) === client) this.#clients.delete(key);
    });
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}
