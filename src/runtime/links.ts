import type { Effect } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import type { ConnectionId } from "../core/state.ts";
import type { Dialer } from "./dialer.ts";
import { Link } from "./link.ts";
import { containReplyErrors } from "./link-containment.ts";

type ConnectEffect = Extract<Effect, { type: "connect" }>;
type SendEffect = Extract<Effect, { type: "send" }>;

containReplyErrors();

/** The connections to servers and other Sentinels, by the id the core gave them. */
export class Links {
  readonly #dialer: Dialer;
  readonly #deliver: (input: Input) => void;
  readonly #links = new Map<ConnectionId, Link>();

  constructor(dialer: Dialer, deliver: (input: Input) => void) {
    this.#dialer = dialer;
    this.#deliver = deliver;
  }

  get size(): number {
    return this.#links.size;
  }

  connect({ connection, host, ip, port }: ConnectEffect): void {
    const link = new Link({ host, ip, port }, this.#dialer, {
      up: (localIp) => this.#deliver({ type: "linkUp", connection, localIp }),
      down: (reason) => this.#down(connection, reason),
      reply: (request, reply) => this.#deliver({ type: "reply", connection, request, reply }),
      message: (channel, payload) =>
        this.#deliver({ type: "message", connection, channel, payload }),
    });
    this.#links.set(connection, link);
  }

  disconnect(connection: ConnectionId): void {
    this.#links.get(connection)?.close();
    this.#links.delete(connection);
  }

  /** Ignored when the connection went down meanwhile; the core hears of that anyway. */
  send({ connection, request, args, subscribes }: SendEffect): void {
    this.#links.get(connection)?.send(request, args, subscribes);
  }

  closeAll(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  #down(connection: ConnectionId, reason: string): void {
    this.#links.delete(connection);
    this.#deliver({ type: "linkDown", connection, reason });
  }
}
