import { type InfoReport, parseInfo } from "../../core/info.ts";
import type { Answer } from "../../quorum/answer.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import type { Access } from "../connect/access.ts";
import type { Client } from "../connect/client.ts";
import { NoAnswer } from "../connect/errors.ts";

/** So long a server has for an answer: writes may be held back meanwhile. */
const ASK_MS = 1_000;

/** The servers of one master, each with one connection. */
export class Servers {
  readonly #access: Access;
  readonly #name: string;
  readonly #clients = new Map<string, Client>();

  constructor(access: Access, name: string) {
    this.#access = access;
    this.#name = name;
  }

  /** @throws NoAnswer or Refusal that names the server. */
  async open(places: readonly Place[]): Promise<void> {
    for (const place of places) await this.#dial(place);
  }

  /** @throws NoAnswer or Refusal */
  async call(place: Place, words: readonly string[]): Promise<Answer> {
    return await this.#on(place, (client) => client.call(words));
  }

  async info(place: Place): Promise<InfoReport> {
    const text = await this.call(place, ["INFO", "replication"]);
    return parseInfo(typeof text === "string" ? text : "");
  }

  /** As a Sentinel does it; its clients ask for the master again. */
  async demote(old: Place, master: Place): Promise<void> {
    const words = [
      ["MULTI"],
      ["SLAVEOF", master.host, `${master.port}`],
      ["CONFIG", "REWRITE"],
      ["CLIENT", "KILL", "TYPE", "normal"],
      ["CLIENT", "KILL", "TYPE", "pubsub"],
      ["CLIENT", "UNPAUSE"],
      ["EXEC"],
    ];
    await this.#on(old, (client) => Promise.all(words.map((one) => client.call(one))));
  }

  /** A server ends its clients' connections when it is promoted: then on a new one, once. */
  async #on<T>(place: Place, ask: (client: Client) => Promise<T>): Promise<T> {
    const known = this.#clients.get(nameOf(place));
    try {
      return await named(place, ask(known ?? (await this.#dial(place))));
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return await named(place, ask(await this.#dial(place)));
    }
  }

  async #dial(place: Place): Promise<Client> {
    this.#clients.get(nameOf(place))?.close();
    const client = await named(place, this.#access.server(this.#name, place, ASK_MS));
    this.#clients.set(nameOf(place), client);
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}

async function named<T>(place: Place, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && !error.message.startsWith(nameOf(place))) {
      error.message = `${nameOf(place)}: ${error.message}`;
    }
    throw error;
  }
}
