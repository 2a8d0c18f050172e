import type { SimConnection, SimNetwork } from "./network.ts";

type Receive = (connection: SimConnection, request: number, args: readonly string[]) => void;

/** CLIENT PAUSE ms WRITE: a server takes no write and no PUBLISH, nor what comes behind one, until it ends. */
export class WritePause {
  #endsAt = 0;
  /** By connection: what waits for the end of the pause, the first and all that came behind it. */
  readonly #postponed = new Map<SimConnection, [request: number, args: readonly string[]][]>();
  readonly #network: SimNetwork;

  constructor(network: SimNetwork) {
    this.#network = network;
  }

  get isOn(): boolean {
    return this.#network.clock.now < this.#endsAt;
  }

  /** A pause that would last longer stays. 0: as CLIENT UNPAUSE. */
  begin(spanMs: number, goOn: () => void): void {
    const { clock } = this.#network;
    this.#endsAt = spanMs === 0 ? 0 : Math.max(this.#endsAt, clock.now + spanMs);
    clock.after(spanMs, goOn);
  }

  /** As a process that starts has none. */
  forget(): void {
    this.#endsAt = 0;
  }

  /** True: it waits, and comes again from `release`. */
  holds(
    connection: SimConnection,
    request: number,
    args: readonly string[],
    isWrite: boolean,
  ): boolean {
    const postponed = this.#postponed.get(connection);
    if (postponed) postponed.push([request, args]);
    else if (isWrite && this.isOn) this.#postponed.set(connection, [[request, args]]);
    else return false;
    return true;
  }

  release(receive: Receive): void {
    const postponed = [...this.#postponed];
    this.#postponed.clear();
    for (const [connection, commands] of postponed) {
      for (const [request, args] of commands) receive(connection, request, args);
    }
  }

  closed(connection: SimConnection): void {
    this.#postponed.delete(connection);
  }
}
