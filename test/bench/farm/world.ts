import { FarmServer } from "./farm-server.ts";
import { cutInfo, type InfoTemplate } from "./info-text.ts";
import { masterHost, replicaHost } from "./messages.ts";

const none: ReadonlySet<FarmServer> = new Set();

/** All simulated servers, and who follows whom. */
export class World {
  readonly port: number;
  readonly info: InfoTemplate;
  readonly #servers = new Map<string, FarmServer>();
  readonly #followers = new Map<string, Set<FarmServer>>();

  constructor(port: number, groups: number, info: string) {
    this.port = port;
    this.info = cutInfo(info);
    for (let group = 0; group < groups; group++) {
      const master = this.#add(masterHost(group), null);
      this.#add(replicaHost(group), master.address);
    }
  }

  async start(): Promise<void> {
    for (const server of this.#servers.values()) await server.revive();
  }

  serverAt(address: string): FarmServer | undefined {
    return this.#servers.get(address);
  }

  followersOf(address: string): readonly FarmServer[] {
    return [...(this.#followers.get(address) ?? none)];
  }

  moveFollower(server: FarmServer, from: string | null, to: string | null): void {
    if (from !== null) this.#followers.get(from)?.delete(server);
    if (to === null) return;
    const followers = this.#followers.get(to) ?? new Set();
    this.#followers.set(to, followers.add(server));
  }

  #add(host: string, upstream: string | null): FarmServer {
    const server = new FarmServer(this, host, upstream);
    this.#servers.set(server.address, server);
    this.moveFollower(server, null, upstream);
    return server;
  }
}
