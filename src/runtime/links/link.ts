import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { RedisOptions } from "ioredis";
import type { Reply } from "../../base/reply.ts";
import { CONNECT_TIMEOUT_MS } from "../../core/defaults.ts";
import type { Effect } from "../../core/effect.ts";
import type { Input } from "../../core/input.ts";
import type { ConnectionId, RequestId } from "../../core/state.ts";
import type { Conversation, ConversationOwner, SendEffect } from "./conversation.ts";
import type { Dialer, Target } from "./dialer.ts";
import { Redis } from "./ioredis.ts";
import { type ConnectorOptions, LinkConnector } from "./link-connector.ts";
import type { Message } from "./link-messages.ts";
import { LinkQuestions } from "./link-questions.ts";
import { LinkSubscription } from "./link-subscription.ts";
import { describeEnd, NO_HANDSHAKE } from "./link-trouble.ts";

type ConnectEffect = Extract<Effect, { type: "connect" }>;

const KEEP_ALIVE_MS = 30_000;
/** Who connects and says nothing is told from who does not: just before the core gives both up. */
const HANDSHAKE_TIMEOUT_MS = CONNECT_TIMEOUT_MS - 100;
/**
 * What a read of any link fills; its bytes are taken before the next read. No link brings more in one turn
 * of the event loop: a flood of messages must not keep the others waiting.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * One connection to one server: an ioredis client of which everything that decides is switched
 * off, since the core decides when to connect, what to say and when to give up. It is made once the socket is
 * connected: where masters are dead, most attempts are refused, and a client costs more than a socket.
 *
 * It tells `linkUp` at most once, `linkDown` at most once and last.
 */
export class Link implements ConversationOwner {
  readonly #connection: ConnectionId;
  readonly #deliver: (input: Input) => void;
  readonly #socket: Socket;
  /** Null: the socket is not connected yet. */
  #redis: Redis | null = null;
  #conversation: Conversation | null = null;
  #closed = false;
  #wasUp = false;
  #wasHeard = false;
  /** What was written since the last `flush`. */
  #unsent = "";

  /** @throws when it cannot even be tried. */
  constructor(
    connection: ConnectionId,
    target: Target & Pick<ConnectEffect, "purpose">,
    dialer: Dialer,
    deliver: (input: Input) => void,
  ) {
    this.#connection = connection;
    this.#deliver = deliver;
    const socket = this.#dial(target, dialer);
    this.#socket = socket;
    socket.once(dialer.usesTls ? "secureConnect" : "connect", () => this.#connected(target));
    // Any number of them: one that nobody listens for would end the process.
    socket.on("error", (error) => this.#end(error));
    socket.once("close", () => this.#end(null));
  }

  /** Goes out with `flush`. True if it is the first since the last. */
  send(command: SendEffect): boolean {
    const isFirst = this.#unsent === "";
    this.#conversation?.send(command);
    return isFirst;
  }

  write(text: string): void {
    if (this.#socket.writable) this.#unsent += text;
    else this.lost(null);
  }

  flush(): void {
    if (this.#unsent === "") return;
    const text = this.#unsent;
    this.#unsent = "";
    Socket.prototype.write.call(this.#socket, text, "latin1");
  }

  /** Nothing is heard of the link after this. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.flush();
    if (this.#redis === null) this.#socket.destroy();
    else this.#redis.disconnect();
  }

  answered(request: RequestId, reply: Reply): void {
    if (this.#closed) return;
    this.#deliver({ type: "reply", connection: this.#connection, request, reply });
  }

  heard({ channel, payload }: Message): void {
    if (this.#closed) return;
    this.#deliver({ type: "message", connection: this.#connection, channel, payload });
  }

  /** If something ended the connection, that is told in this turn and says more. */
  lost(error: unknown): void {
    process.nextTick(() => this.#end(error));
  }

  failed(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#deliver({ type: "linkDown", connection: this.#connection, reason });
  }

  #dial(target: Target, dialer: Dialer): Socket {
    const socket = dialer.dial(target, {
      buffer: READ_BUFFER,
      callback: (length) => {
        this.#wasHeard = true;
        const fault = this.#conversation?.read(READ_BUFFER, length) ?? null;
        if (fault !== null) socket.destroy(new Error(`Protocol error: ${fault}`));
        if (length < READ_BUFFER.length) return true;
        // There is more, after what the others have to say.
        setImmediate(() => socket.resume());
        return false;
      },
    });
    if (socket instanceof TLSSocket) awaitHandshake(socket);
    // What ioredis writes. In place of cork(): the strings of one turn leave as one, which costs Node half as much.
    socket.write = (text: Uint8Array | string) => {
      this.#unsent += text;
      return true;
    };
    return socket;
  }

  #connected({ purpose }: Pick<ConnectEffect, "purpose">): void {
    if (this.#closed) return;
    const redis = createClient(this.#socket);
    this.#redis = redis;
    this.#conversation =
      purpose === "pubsub" ? new LinkSubscription(redis, this) : new LinkQuestions(this);
    redis.once("ready", () => this.#up());
    redis.on("error", (error: unknown) => this.#end(error));
    redis.once("close", () => this.#end(null));
    redis.once("end", () => this.#end(null));
    // Its failure is told by `error` and `end` as well.
    redis.connect().catch(() => undefined);
  }

  #up(): void {
    const { localAddress } = this.#socket;
    // Undefined: gone already; `close` follows.
    if (this.#closed || localAddress === undefined) return;
    this.#wasUp = true;
    const localIp = localAddress.replace(/^::ffff:/, "");
    this.#deliver({ type: "linkUp", connection: this.#connection, localIp });
  }

  /** `error`: null if the other side just ended it. */
  #end(error: unknown): void {
    if (this.#closed) return;
    const tls = this.#socket instanceof TLSSocket ? this.#socket : null;
    this.failed(
      describeEnd(error, {
        usesTls: tls !== null,
        wasUp: this.#wasUp,
        wasHeard: this.#wasHeard,
        certificateFault: tls?.authorizationError ? `${tls.authorizationError}` : null,
      }),
    );
  }
}

function awaitHandshake(socket: TLSSocket): void {
  socket.once("connect", () => {
    const end = () => socket.destroy(new Error(NO_HANDSHAKE));
    const timer = setTimeout(end, HANDSHAKE_TIMEOUT_MS);
    for (const event of ["secureConnect", "close"]) socket.once(event, () => clearTimeout(timer));
  });
}

/** Everything that decides is off: the core decides. */
const OPTIONS = {
  Connector: LinkConnector,
  protocol: 2,
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
} satisfies RedisOptions;

/** The options as ioredis completes them, by use of TLS. */
const completed = new Map<boolean, RedisOptions>();

function createClient(socket: Socket): Redis {
  const own: ConnectorOptions = { socket };
  const usesTls = socket instanceof TLSSocket;
  // That there is `tls` names the event to wait for; the connector does the rest.
  const redis = new Redis({ ...OPTIONS, ...(usesTls ? { tls: {} } : {}), ...own });
  // In place of a copy for each client, which takes 2 KiB. Our connector has read its part.
  const shared = completed.get(usesTls) ?? Object.assign(redis.options, { socket: null });
  completed.set(usesTls, shared);
  redis.options = shared;
  return redis;
}
