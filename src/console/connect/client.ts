import { type ConnectionOptions, TLSSocket } from "node:tls";
import { strerror } from "../../base/errno.ts";
import type { Answer } from "../../quorum/answer.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import { Redis, ReplyError } from "../../runtime/links/ioredis.ts";
import { escaped } from "../shown.ts";
import { NoAnswer, Refusal } from "./errors.ts";

/** Who we are to the one that we ask; byte strings. */
export interface Identity {
  readonly user: string | null;
  readonly password: string | null;
}

export interface ClientOptions {
  readonly identity: Identity;
  /** In Node's form; null: plain TCP. */
  readonly tls: ConnectionOptions | null;
  /** For connecting, and for each answer. */
  readonly timeoutMs: number;
}

type MessageListener = (channel: string, payload: string) => void;

/** One connection to a Sentinel or a server. It never reconnects: who wants that opens another one. */
export class Client {
  readonly place: Place;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #redis: Redis;
  #lastError: Error | null = null;

  /** @throws NoAnswer or Refusal, in the operator's words. */
  static async open(place: Place, options: ClientOptions): Promise<Client> {
    const client = new Client(place, options);
    try {
      await client.#connect(options);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  private constructor(place: Place, { tls, timeoutMs }: ClientOptions) {
    this.place = place;
    this.#redis = new Redis({
      ...{ host: place.host, port: place.port, protocol: 2, lazyConnect: true },
      ...{ connectTimeout: timeoutMs, commandTimeout: timeoutMs },
      ...{ enableReadyCheck: false, enableOfflineQueue: false, disableClientInfo: true },
      ...{ autoResubscribe: false, autoResendUnfulfilledCommands: false },
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      ...(tls !== null && { tls }),
    });
    this.#redis.on("error", (error: Error) => {
      this.#lastError = error;
    });
    this.closed = new Promise((resolve) => {
      this.#redis.once("end", () => resolve());
    });
  }

  async #connect({ identity: { user, password } }: ClientOptions): Promise<void> {
    try {
      await this.#redis.connect();
    } catch (error) {
      throw new NoAnswer(reasonOf(this.#lastError ?? error));
    }
    if (password === null) return;
    try {
      await this.call(["AUTH", ...(user === null ? [] : [user]), password]);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // One of the quorum has a password, this one has none.
      if (/without any password|no password is set/.test(error.message)) return;
      throw new Refusal(refusalOfAuth(error.message));
    }
  }

  /** Words and answer are byte strings. @throws Refusal or NoAnswer */
  async call(words: readonly string[]): Promise<Answer> {
    try {
      // ioredis knows a subscription by its name in lower case.
      const [name = "", ...rest] = words;
      const args = rest.map((word) => Buffer.from(word, "latin1"));
      return plain(await this.#redis.callBuffer(name.toLowerCase(), args));
    } catch (error) {
      if (error instanceof Error && error instanceof ReplyError)
        throw new Refusal(escaped(error.message));
      throw new NoAnswer(reasonOf(this.#lastError ?? error));
    }
  }

  /** From now on it is for messages only. */
  async psubscribe(pattern: string, listener: MessageListener): Promise<void> {
    this.#redis.on("pmessageBuffer", (_pattern: string, channel: Buffer, payload: Buffer) => {
      listener(channel.toString("latin1"), payload.toString("latin1"));
    });
    // In small letters: ioredis looks for its own names.
    await this.call(["psubscribe", pattern]);
  }

  /** How long the certificate that it showed is still good for; null: it showed none. */
  get certificateLeftMs(): number | null {
    const { stream } = this.#redis;
    if (!(stream instanceof TLSSocket)) return null;
    const endsAt = Date.parse(stream.getPeerCertificate().valid_to ?? "");
    return Number.isNaN(endsAt) ? null : endsAt - Date.now();
  }

  close(): void {
    this.#redis.disconnect();
  }

  get name(): string {
    return nameOf(this.place);
  }
}

/** What is no Redis, or knows no AUTH, may answer with the words that it was sent: they go no further. */
function refusalOfAuth(text: string): string {
  const known = /^(WRONGPASS|NOPERM|ERR invalid password|ERR wrong number of arguments)/.test(text);
  return known ? text : "it refuses AUTH";
}

/** ioredis says some things in the words of its own options. */
function reasonOf(error: unknown): string {
  const text = strerror(error);
  if (/timed out|ETIMEDOUT/i.test(text)) return "no answer in time";
  if (/Connection is closed|Stream isn't writeable/i.test(text)) return "it closed the connection";
  if (/ENOTFOUND/.test(text)) return "its name has no address";
  if (/EAI_AGAIN/.test(text)) return "the name server does not answer";
  if (text.startsWith("Unknown RESP type")) return "it does not speak the protocol of Redis";
  return escaped(text);
}

function plain(value: unknown): Answer {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number" || typeof value === "string") return value;
  // An error within the answers of a transaction.
  if (value instanceof Error) return `-${escaped(value.message)}`;
  return String(value);
}
