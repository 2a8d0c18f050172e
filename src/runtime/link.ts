import { Redis } from "ioredis";
import type { Reply } from "../core/reply.ts";
import type { RequestId } from "../core/state.ts";
import type { Dialer, Target } from "./dialer.ts";
import { strerror } from "./errno.ts";
import { LinkCommand } from "./link-command.ts";
import { connectorFor } from "./link-connector.ts";
import { errorFromWire, isServerError, replyFromWire } from "./wire-reply.ts";

/** What a link tells: `up` at most once, `down` at most once and last. */
export interface LinkListener {
  up(localIp: string): void;
  down(reason: string): void;
  reply(request: RequestId, reply: Reply): void;
  message(channel: string, payload: string): void;
}

const KEEP_ALIVE_MS = 30_000;
/** A single reply this long is an attack or a mix-up; INFO has some kilobytes. */
const MAX_REPLY_BYTES = 16 * 1024 * 1024;
const CLOSED_BY_SERVER = "Server closed the connection";

/**
 * One connection to one server: an ioredis client of which everything that decides is switched
 * off, since the core decides when to connect, what to say and when to give up.
 */
export class Link {
  readonly #redis: Redis;
  readonly #listener: LinkListener;
  #closed = false;
  /** What the socket had read when we last understood something. */
  #understoodBytes = 0;

  constructor(target: Target, dialer: Dialer, listener: LinkListener) {
    this.#listener = listener;
    this.#redis = createClient(target, dialer);
    this.#redis.once("ready", () => this.#up());
    this.#redis.on("error", (error: unknown) => this.#fail(strerror(error)));
    this.#redis.once("close", () => this.#fail(CLOSED_BY_SERVER));
    this.#redis.once("end", () => this.#fail(CLOSED_BY_SERVER));
    this.#redis.on("messageBuffer", (channel: unknown, payload: unknown) =>
      this.#message(channel, payload),
    );
    // Its failure is told by `error` and `end` as well.
    this.#redis.connect().catch(() => undefined);
  }

  send(request: RequestId, words: readonly string[], subscribes: boolean): void {
    const command = new LinkCommand(words, subscribes);
    command.promise.then(
      (value: unknown) => this.#reply(request, replyFromWire(value)),
      (error: unknown) => this.#rejected(request, error),
    );
    // The promise it returns is the one above.
    void this.#redis.sendCommand(command);
  }

  /** Nothing is heard of the link after this. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#redis.disconnect();
  }

  #up(): void {
    const { stream } = this.#redis;
    const { localAddress: localIp } = stream;
    // Undefined: gone already; `close` follows.
    if (this.#closed || localIp === undefined) return;
    stream.on("data", () => this.#limitReply(stream.bytesRead));
    this.#listener.up(localIp.replace(/^::ffff:/, ""));
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#listener.down(reason);
  }

  /** ioredis collects a reply in memory until it is whole, however long it gets. */
  #limitReply(bytesRead: number): void {
    if (bytesRead - this.#understoodBytes <= MAX_REPLY_BYTES) return;
    this.#fail("Protocol error: a reply without end");
  }

  #reply(request: RequestId, reply: Reply | null): void {
    if (this.#closed) return;
    this.#understoodBytes = this.#redis.stream.bytesRead;
    if (reply === null) this.#fail("Protocol error: a reply that RESP2 does not have");
    else this.#listener.reply(request, reply);
  }

  /** A server's error is a reply, one of ioredis (a stream that does not write) is the end. */
  #rejected(request: RequestId, error: unknown): void {
    if (this.#closed) return;
    if (isServerError(error)) this.#listener.reply(request, errorFromWire(error));
    else this.#fail(strerror(error));
  }

  #message(channel: unknown, payload: unknown): void {
    if (this.#closed) return;
    this.#understoodBytes = this.#redis.stream.bytesRead;
    if (!Buffer.isBuffer(channel) || !Buffer.isBuffer(payload)) {
      this.#fail("Protocol error: a message without channel or text");
      return;
    }
    this.#listener.message(channel.toString("latin1"), payload.toString("latin1"));
  }
}

function createClient(target: Target, dialer: Dialer): Redis {
  return new Redis({
    Connector: connectorFor(() => dialer.dial(target)),
    // Names the event to wait for; the connector does the rest.
    ...(dialer.usesTls ? { tls: {} } : {}),
    host: target.ip,
    port: target.port,
    protocol: 2,
    stringNumbers: true,
    disableClientInfo: true,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: null,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    enableAutoPipelining: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    // The core has its own deadline for a connection (CONNECT_TIMEOUT_MS).
    connectTimeout: 0,
    keepAlive: KEEP_ALIVE_MS,
    noDelay: true,
  });
}
