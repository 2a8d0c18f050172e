import { MasterWatch } from "./master-watch.ts";
import type { ChaosRedis } from "./redis.ts";
import type { ChaosSentinel } from "./sentinel.ts";
import type { WriterChild, WriterReport } from "./writer-child.ts";

/** A master, its replicas and the clients that write to it. */
export class Group {
  readonly name: string;
  /** The first is the master that it started with. */
  readonly redises: readonly ChaosRedis[];
  readonly watch: MasterWatch;
  /** On the host of the first master, and on the last host. */
  readonly writers: { readonly near: WriterChild; readonly far: WriterChild };

  constructor(name: string, redises: readonly ChaosRedis[], writers: Group["writers"]) {
    this.name = name;
    this.redises = redises;
    this.writers = writers;
    this.watch = new MasterWatch(redises);
  }

  get firstMaster(): ChaosRedis {
    const [first] = this.redises;
    if (first === undefined) throw new Error(`${this.name} has no server.`);
    return first;
  }

  /** The master that all these Sentinels name and hold for alive, with one config epoch. */
  async agreed(sentinels: readonly ChaosSentinel[]): Promise<ChaosRedis> {
    return this.#only(await Promise.all(sentinels.map((node) => this.#viewOf(node))));
  }

  /** The same, whatever they think of its health. */
  async named(sentinels: readonly ChaosSentinel[]): Promise<ChaosRedis> {
    return this.#only(await Promise.all(sentinels.map((node) => this.#nameBy(node))));
  }

  /** Throws unless it is a master and all other living servers replicate from it. */
  async assertFollowed(master: ChaosRedis): Promise<void> {
    const { role } = await master.info("replication");
    if (role !== "master") throw new Error(`${master.name} is ${role}`);
    const others = this.redises.filter((node) => node !== master && node.running);
    for (const node of others) {
      if (!(await node.follows(master))) throw new Error(`${node.name} does not follow`);
    }
  }

  /** Acknowledged writes that the master does not have. */
  async lostWrites(master: ChaosRedis, writer: WriterChild, report: WriterReport): Promise<number> {
    if (report.acknowledged === 0) return 0;
    const last = String(report.acknowledged - 1);
    const kept = await master.call("BITCOUNT", writer.options.id, "0", last, "BIT");
    return report.acknowledged - Number(kept);
  }

  #only(views: readonly string[]): ChaosRedis {
    if (new Set(views).size !== 1) throw new Error(views.join(", "));
    const master = this.redises.find((node) => views[0]?.startsWith(`${node.address} `));
    if (master === undefined) throw new Error(`unknown: ${views[0]}`);
    return master;
  }

  async #nameBy(sentinel: ChaosSentinel): Promise<string> {
    return `${await sentinel.masterAddress(this.name)} `;
  }

  async #viewOf(sentinel: ChaosSentinel): Promise<string> {
    const row = await sentinel.master(this.name);
    const problem = row.flags === "master" ? "" : ` ${row.flags}`;
    return `${await sentinel.masterAddress(this.name)} epoch ${row["config-epoch"]}${problem}`;
  }
}
