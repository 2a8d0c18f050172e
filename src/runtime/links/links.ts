import { strerror } from "../../base/errno.ts";
import type { Effect } from "../../core/effect.ts";
import type { Input } from "../../core/input.ts";
import type { ConnectionId } from "../../core/state.ts";
import type { Dialer } from "./dialer.ts";
import { Link } from "./link.ts";

type ConnectEffect = Extract<Effect, { type: "connect" }>;
type SendEffect = Extract<Effect, { type: "send" }>;

/** After so long in one turn of the loop, opening connections leaves the turn to other work. */
const OPENING_MS = 1;

/** The connections to servers and other Sentinels, by the id the core gave them. */
export class Links {
  readonly #dialer: Dialer;
  readonly #deliver: (input: Input) => void;
  readonly #links = new Map<ConnectionId, Link>();
  /** Asked for and not opened yet, the eldest first. */
  readonly #unopened = new Map<ConnectionId, ConnectEffect>();
  /** Links with something to send. */
  #unsent: Link[] = [];

  constructor(dialer: Dialer, deliver: (input: Input) => void) {
    this.#dialer = dialer;
    this.#deliver = (input) => {
      if (input.type === "linkDown") this.#links.delete(input.connection);
      deliver(input);
    };
  }

  get size(): number {
    return this.#links.size + this.#unopened.size;
  }

  /**
   * Soon: opening one costs more than anything else that the core asks for, and where many masters
   * die at once, the promotions need not wait for the connections to those that are dead.
   */
  connect(effect: ConnectEffect): void {
    this.#unopened.set(effect.connection, effect);
    if (this.#unopened.size === 1) setImmediate(this.#openSome);
  }

  readonly #openSome = (): void => {
    const startedAt = performance.now();
    for (const effect of this.#unopened.values()) {
      this.#open(effect);
      if (performance.now() - startedAt >= OPENING_MS) break;
    }
    if (this.#unopened.size > 0) setImmediate(this.#openSome);
  };

  #open({ connection, purpose, host, ip, port }: ConnectEffect): void {
    this.#unopened.delete(connection);
    try {
      const target = { host, ip, port, purpose };
      const link = new Link(connection, target, this.#dialer, this.#deliver);
      this.#links.set(connection, link);
    } catch (error) {
      this.#deliver({ type: "linkDown", connection, reason: strerror(error) });
    }
  }

  disconnect(connection: ConnectionId): void {
    this.#unopened.delete(connection);
    this.#links.get(connection)?.close();
    this.#links.delete(connection);
  }

  /** Ignored when the connection went down meanwhile; the core hears of that anyway. */
  send(effect: SendEffect): void {
    const link = this.#links.get(effect.connection);
    if (!link?.send(effect)) return;
    if (this.#unsent.push(link) === 1) process.nextTick(this.#flush);
  }

  closeAll(): void {
    this.#unopened.clear();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  /** One write for all that one turn asks of a server, or of a Sentinel with many masters. */
  readonly #flush = (): void => {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const link of unsent) link.flush();
  };
}
