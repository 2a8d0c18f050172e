import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { FarmClient } from "./farm-client.ts";
import type { World } from "./world.ts";

const backlog = 511;

/**
 * One simulated redis-server: what a Sentinel and a writing client see of a real one. Replication
 * is instant and shares the process, its offsets are those of a real stream in kind, not in value.
 */
export class FarmServer {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  readonly runId: string;
  readonly world: World;
  /** null: a master. */
  upstream: string | null;
  offset = 0;
  data = new Map<string, string>();
  readonly subscribers = new Map<string, Set<FarmClient>>();
  state: "alive" | "dead" | "hung" = "dead";
  readonly clients = new Set<FarmClient>();
  #linkDownSinceMs: number | null = null;
  #listener: Server | null = null;

  constructor(world: World, host: string, upstream: string | null) {
    this.world = world;
    this.host = host;
    this.port = world.port;
    this.address = `${host}:${world.port}`;
    this.runId = createHash("sha1").update(this.address).digest("hex");
    this.upstream = upstream;
  }

  get linkUp(): boolean {
    const master = this.upstream === null ? undefined : this.world.serverAt(this.upstream);
    return master !== undefined && master.state !== "dead";
  }

  get linkDownMs(): number {
    if (this.linkUp) return 0;
    this.#linkDownSinceMs ??= performance.now();
    return performance.now() - this.#linkDownSinceMs;
  }

  get linkedReplicas(): readonly FarmServer[] {
    return this.world.followersOf(this.address).filter(({ state }) => state !== "dead");
  }

  /** Listening and answering, as after a start of the process. */
  async revive(): Promise<void> {
    const listener = createServer({ noDelay: true }, (socket) => {
      const client = new FarmClient(this, socket);
      this.clients.add(client);
      if (this.state === "hung") client.pause();
    });
    this.#listener = listener;
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject);
      listener.listen({ host: this.host, port: this.port, backlog }, resolve);
    });
    this.state = "alive";
  }

  kill(): void {
    this.state = "dead";
    this.#listener?.close();
    for (const client of this.clients) client.close();
    for (const replica of this.linkedReplicas) replica.#linkDownSinceMs = performance.now();
  }

  hang(): void {
    this.state = "hung";
    for (const client of this.clients) client.pause();
  }

  resume(): void {
    this.state = "alive";
    for (const client of this.clients) client.resume();
  }

  follow(upstream: string | null): void {
    this.world.moveFollower(this, this.upstream, upstream);
    this.upstream = upstream;
    this.#linkDownSinceMs = null;
    const master = upstream === null ? undefined : this.world.serverAt(upstream);
    if (master === undefined) return;
    this.data = new Map(master.data);
    this.offset = master.offset;
  }

  set(key: string, value: string): void {
    this.data.set(key, value);
    this.#replicate(key.length + value.length, (replica) => replica.data.set(key, value));
  }

  /** To the subscribers here, and through the replication stream to those of the replicas. */
  publish(channel: string, text: string): number {
    const received = this.deliver(channel, text);
    if (this.upstream === null) {
      this.#replicate(channel.length + text.length, (replica) => replica.deliver(channel, text));
    }
    return received;
  }

  deliver(channel: string, text: string): number {
    const subscribers = this.subscribers.get(channel);
    if (subscribers === undefined || subscribers.size === 0) return 0;
    const head = `*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n`;
    const message = `${head}$${text.length}\r\n${text}\r\n`;
    for (const client of subscribers) client.write(message);
    return subscribers.size;
  }

  #replicate(bytes: number, apply: (replica: FarmServer) => void): void {
    this.offset += bytes;
    for (const replica of this.world.followersOf(this.address)) {
      if (replica.state !== "alive") continue;
      replica.offset = this.offset;
      apply(replica);
    }
  }
}
