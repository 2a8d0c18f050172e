import { join } from "node:path";
import {
  type Cluster,
  type ClusterOptions,
  newMaster,
  onlyMaster,
  settled,
  startCluster,
} from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import type { Scene } from "../support/scene.ts";
import { Client } from "./client.ts";
import type { ClientSpec } from "./registry.ts";
import { type KindName, type SceneryName, scenery } from "./scenery.ts";
import { root } from "./setup.ts";

export interface LifeOptions {
  readonly kind: KindName;
  readonly scenery: SceneryName;
  readonly clients: readonly ClientSpec[];
  /** Where the set-up put the programs. */
  readonly programs: string;
}

/** How one client came through. */
export interface ClientLife {
  readonly client: string;
  readonly kind: KindName;
  readonly scenery: SceneryName;
  /** Longest time without a write that the last master still has, around the death of the master. */
  readonly killGapMs: number;
  /** The same around SENTINEL FAILOVER. */
  readonly failoverGapMs: number;
  readonly errors: ReadonlyMap<string, number>;
  readonly writes: number;
  /** Acknowledged, and not on the master in the end. */
  readonly vanished: number;
  /** null: it lived its whole life. */
  readonly failure: string | null;
}

type Lived = Omit<ClientLife, "kind" | "scenery">;

interface Incident {
  readonly from: number;
  readonly to: number;
}

const stepTimeoutMs = 30_000;

/**
 * All clients live together on one cluster: one death of the master, one return of it, one
 * failover on request, each waited for by all of them.
 */
export async function live(scene: Scene, options: LifeOptions): Promise<readonly ClientLife[]> {
  const place = scenery(options.scenery, options.kind, scene.folder);
  const httpPorts = await Promise.all([0, 1, 2].map(() => scene.port()));
  const cluster = await startCluster(scene, { ...place.cluster, ...withHttp(httpPorts) });
  const list = (nodes: readonly { readonly address: string }[]): string =>
    nodes.map((node) => node.address).join();
  const servers = { SENTINELS: list(cluster.sentinels), REDISES: list(cluster.redises) };
  const http = { HTTP_PORTS: httpPorts.join(), HAPROXY_CFG: join(root, "conf", "haproxy.cfg") };
  const env = { ...names, ...servers, ...http, FOLDER: scene.folder };
  const clients = options.clients.map(
    (spec) => new Client(scene, spec, options.programs, { ...env, ...place.clientEnv(spec) }),
  );
  const life = new Life(cluster, clients);
  await life.begin();
  const killed = await life.killMaster();
  await life.bringBack();
  const asked = await life.failOver();
  const { kind, scenery: sceneryName } = options;
  const lives = await life.end(killed, asked);
  return lives.map((one) => ({ kind, scenery: sceneryName, ...one }));
}

/** For those of ours; C Sentinels do not know the word. */
function withHttp(ports: readonly number[]): Pick<ClusterOptions, "sentinelPlace"> {
  const left = [...ports];
  return { sentinelPlace: () => ["env", `REDIS_SENTINEL_TS_HTTP=${left.shift()}`] };
}

const names = { MASTER_NAME: "mymaster" };

class Life {
  readonly #cluster: Cluster;
  readonly #clients: readonly Client[];
  readonly #failures = new Map<Client, string>();
  #master: RedisNode;

  constructor(cluster: Cluster, clients: readonly Client[]) {
    this.#cluster = cluster;
    this.#clients = clients;
    this.#master = cluster.master;
  }

  async begin(): Promise<void> {
    await this.#allSee("at the start", 0);
  }

  async killMaster(): Promise<Incident> {
    const from = Date.now();
    await this.#master.kill();
    this.#master = await newMaster(this.#cluster, this.#master);
    return await this.#over("after the death of the master", from);
  }

  /**
   * Not before all call it down: of a server that was away for less, Sentinels of either kind say
   * nothing, and a client that follows by Pub/Sub alone does not learn that it is back.
   */
  async bringBack(): Promise<void> {
    const old = this.#cluster.master;
    for (const sentinel of this.#cluster.sentinels) {
      await this.#cluster.scene.until(`${sentinel.name} calls the old master down`, async () => {
        const rows = await sentinel.replicas();
        return rows.some(({ port, flags }) => port === `${old.port}` && /s_down/.test(`${flags}`));
      });
    }
    await old.restart();
    await this.#settle();
    await this.#allSee("after the return of the old master", Date.now());
  }

  async failOver(): Promise<Incident> {
    const from = Date.now();
    const [sentinel] = this.#cluster.sentinels;
    await this.#cluster.scene.until("SENTINEL FAILOVER is accepted", async () => {
      return (await sentinel?.call("SENTINEL", "FAILOVER", names.MASTER_NAME)) === "OK";
    });
    this.#master = await newMaster(this.#cluster, this.#master);
    await this.#settle();
    return await this.#over("after the failover on request", from);
  }

  async end(killed: Incident, asked: Incident): Promise<readonly Lived[]> {
    const runningToTheEnd = new Set(this.#clients.filter((client) => client.running));
    await Promise.all(this.#clients.map((client) => client.stop()));
    const lives: Lived[] = [];
    for (const client of this.#clients) {
      if (!runningToTheEnd.has(client)) this.#fail(client, "its process ended");
      const { spec, journal } = client;
      const kept = await this.#keptWrites(spec);
      lives.push({
        client: spec.name,
        killGapMs: journal.longestGapMs(killed.from, killed.to, kept),
        failoverGapMs: journal.longestGapMs(asked.from, asked.to, kept),
        errors: journal.errorCounts(killed.from, asked.to),
        writes: journal.writes.length,
        vanished: journal.writes.filter(({ seq }) => !kept.has(seq)).length,
        failure: this.#failures.get(client) ?? null,
      });
    }
    return lives;
  }

  async #settle(): Promise<void> {
    await onlyMaster(this.#cluster, this.#master);
    await settled(this.#cluster);
  }

  async #over(when: string, from: number): Promise<Incident> {
    await this.#allSee(when, Date.now());
    return { from, to: Date.now() };
  }

  /** Every client that still lives writes after `since` and sees who is master and who replica. */
  async #allSee(when: string, since: number): Promise<void> {
    const replicas = this.#cluster.redises
      .filter((node) => node.running && node !== this.#master)
      .map((node) => node.port);
    const living = this.#clients.filter((client) => !this.#failures.has(client));
    const missing = (client: Client) => client.missing(this.#master.port, replicas, since);
    const waiting = living.map(async (client) => {
      try {
        const what = `${client.spec.name} sees the topology`;
        await this.#cluster.scene.until(what, () => missing(client) === null, stepTimeoutMs);
      } catch {
        this.#fail(client, `${when}: ${missing(client)}`);
      }
    });
    await Promise.all(waiting);
  }

  #fail(client: Client, reason: string): void {
    if (this.#failures.has(client)) return;
    this.#failures.set(client, [reason, client.lastWords()].join("\n").trim());
  }

  async #keptWrites({ name }: ClientSpec): Promise<ReadonlySet<number>> {
    const members = await this.#master.call("SMEMBERS", `life:${name}`);
    return new Set(Array.isArray(members) ? members.map(Number) : []);
  }
}
