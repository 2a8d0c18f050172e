import { HELLO_CHANNEL } from "../../../src/core/defaults.ts";
import type { SimClient, SimConnection, SimNetwork } from "../network.ts";
import type { CConnection, CInstance, CLink, CQuestion } from "./records.ts";
import type { CWire } from "./wire.ts";

/** Which record a connection serves. */
interface Use {
  readonly instance: CInstance;
  readonly isSubscription: boolean;
  readonly connection: SimConnection;
}

interface CLinksOptions {
  readonly network: SimNetwork;
  readonly client: SimClient;
  readonly life: number;
  readonly now: () => number;
  readonly onSend: (to: string, args: readonly string[]) => void;
}

/**
 * The connections of one C Sentinel, in one life. Each record has its own; upstream shares that to a
 * Sentinel among masters, which nobody else sees.
 */
export class CLinks implements CWire {
  readonly #network: SimNetwork;
  readonly #client: SimClient;
  readonly #life: number;
  readonly #now: () => number;
  readonly #uses = new Map<number, Use>();
  #nextId = 1;
  #nextRequest = 1;

  readonly #onSend: CLinksOptions["onSend"];

  constructor({ network, client, life, now, onSend }: CLinksOptions) {
    this.#network = network;
    this.#client = client;
    this.#life = life;
    this.#now = now;
    this.#onSend = onSend;
  }

  use(connection: SimConnection): Use | undefined {
    return connection.life === this.#life ? this.#uses.get(connection.id) : undefined;
  }

  connect(instance: CInstance): void {
    const { link } = instance;
    const now = this.#now();
    if (!link.command) {
      link.command = this.#dial(instance, false);
      link.commandOpenedAt = now;
      link.pending.clear();
    }
    if (instance.kind !== "peer" && !link.subscription) {
      link.subscription = this.#dial(instance, true);
      link.subscriptionOpenedAt = now;
      const subscription = this.#connection(link.subscription);
      if (subscription) this.#network.send(subscription, 0, ["SUBSCRIBE", HELLO_CHANNEL]);
    }
    // Into a cut way nothing is dialled, and the next attempt is a second away: upstream waits for it.
    link.disconnected = !link.command || (instance.kind !== "peer" && !link.subscription);
  }

  #dial(instance: CInstance, isSubscription: boolean): SimConnection | null {
    const id = this.#nextId++;
    const { ip, port } = instance.address;
    const connection = this.#network.connect(this.#client, id, this.#life, `${ip}:${port}`);
    if (connection) this.#uses.set(id, { instance, isSubscription, connection });
    return connection;
  }

  #connection(link: CConnection | null): SimConnection | undefined {
    return link ? this.#uses.get(link.id)?.connection : undefined;
  }

  send({ link }: CInstance, question: CQuestion, args: readonly string[]): void {
    const request = this.#nextRequest++;
    const connection = this.#connection(link.command);
    if (!connection) return;
    link.pending.set(request, question);
    if (connection.host) this.#onSend(connection.host.address, args);
    this.#network.send(connection, request, args);
  }

  /** What a reply answers; null: nobody waits for it. */
  take({ link }: CInstance, request: number): CQuestion | null {
    const question = link.pending.get(request) ?? null;
    link.pending.delete(request);
    return question;
  }

  closeCommand({ link }: CInstance): void {
    this.#drop(link.command);
    link.command = null;
    link.disconnected = true;
    link.pending.clear();
  }

  closeSubscription({ link }: CInstance): void {
    this.#drop(link.subscription);
    link.subscription = null;
    link.disconnected = true;
  }

  closeAll(link: CLink): void {
    this.#drop(link.command);
    this.#drop(link.subscription);
    link.command = null;
    link.subscription = null;
    link.disconnected = true;
    link.pending.clear();
  }

  #drop(link: CConnection | null): void {
    const connection = this.#connection(link);
    if (!link || !connection) return;
    this.#uses.delete(link.id);
    this.#network.closeQuietly(connection);
  }
}
