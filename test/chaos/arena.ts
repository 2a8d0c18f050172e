import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "../support/child.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";
import { until, within } from "../support/until.ts";
import { Fabric, type Host } from "./fabric.ts";
import { Group } from "./group.ts";
import { ChaosRedis } from "./redis.ts";
import { ChaosSentinel } from "./sentinel.ts";
import { line } from "./shell.ts";
import { WriterChild } from "./writer-child.ts";

/** 2000, since C Sentinels take shorter silences after a switch for a second failure. */
const downAfterMs = 2000;
const failoverTimeoutMs = 6000;
const settleTimeoutMs = 40_000;
/** A TILT of 30 s, and an attempt that fails and is repeated after twice the failover timeout. */
const failoverPatienceMs = 110_000;
/** Room for a sentinel.conf and its successor, and little more. */
const folderSize = "256k";

export interface ArenaOptions {
  readonly folder: string;
  readonly kinds: readonly SentinelKind[];
  readonly masters: number;
}

/** Three hosts, each with a Sentinel and a server of every master, and clients that write. */
export class Arena {
  readonly fabric: Fabric;
  readonly groups: Group[] = [];
  readonly sentinels: ChaosSentinel[] = [];
  readonly notes: string[] = [];
  /** When the last fault was taken away, on the clock of performance.now(). */
  healedAtMs = 0;
  readonly #options: ArenaOptions;
  readonly #children = new Map<string, () => Child>();
  readonly #mounts: string[] = [];
  readonly #ended = new AbortController();

  static async build(options: ArenaOptions): Promise<Arena> {
    mkdirSync(options.folder, { recursive: true });
    return new Arena(options, await Fabric.build(options.kinds.length));
  }

  private constructor(options: ArenaOptions, fabric: Fabric) {
    this.#options = options;
    this.fabric = fabric;
  }

  async start(): Promise<void> {
    const { kinds, masters } = this.#options;
    const names = Array.from({ length: masters }, (_, index) => `master${index + 1}`);
    const families = await Promise.all(names.map((_, index) => this.#startRedises(6379 + index)));
    const monitored = names.map((name, index) => this.#monitorLines(name, families[index]?.[0]));
    for (const [index, kind] of kinds.entries()) {
      await this.#startSentinel(this.host(index), kind, monitored.flat());
    }
    for (const [index, name] of names.entries()) {
      const redises = families[index] ?? [];
      this.groups.push(new Group(name, redises, this.#startWriters(name)));
    }
    await Promise.all(this.sentinels.map((node) => node.ready()));
    await this.#settle();
  }

  get group(): Group {
    const [first] = this.groups;
    if (first === undefined) throw new Error("The arena has not started.");
    return first;
  }

  host(index: number): Host {
    const host = this.fabric.hosts[index];
    if (host === undefined) throw new Error(`There is no host ${index}.`);
    return host;
  }

  sentinel(index: number): ChaosSentinel {
    const node = this.sentinels[index];
    if (node === undefined) throw new Error(`There is no Sentinel ${index}.`);
    return node;
  }

  /** Where faults of files are tried: ours if there is one of ours. */
  get subject(): ChaosSentinel {
    return this.sentinels.findLast((node) => node.kind === "ours") ?? this.sentinel(2);
  }

  /** The first Sentinel that prints such a line from now on. */
  async firstToSay(pattern: RegExp, timeoutMs = 40_000): Promise<ChaosSentinel> {
    const running = this.sentinels.filter((node) => node.running);
    const waits = running.map(async (node) => {
      const { log } = node.child;
      await log.waitFor(pattern, timeoutMs, log.lines.length);
      return node;
    });
    return await Promise.any(waits);
  }

  /** All these Sentinels have left the first master for another. */
  async switched(sentinels = this.sentinels, group = this.group): Promise<void> {
    const elsewhere = async (): Promise<boolean> => {
      return (await group.named(sentinels)) !== group.firstMaster;
    };
    await this.until("a failover", elsewhere, failoverPatienceMs);
  }

  note(text: string): void {
    this.notes.push(text);
  }

  /** From now on the network and all hosts are as good as new. */
  markHealed(): void {
    this.healedAtMs = performance.now();
  }

  async until<T>(
    what: string,
    probe: () => Promise<T | undefined | false> | T | undefined | false,
    timeoutMs = 60_000,
  ): Promise<T> {
    return await until(probe, { what, timeoutMs, signal: this.#ended.signal });
  }

  saveLogs(): void {
    for (const node of this.sentinels) this.#saveLog(node.name, node.allLines);
    for (const [name, child] of this.#children) this.#saveLog(name, child().log.lines);
  }

  async cleanUp(): Promise<void> {
    this.#ended.abort(new Error("The run is over."));
    await Promise.all(this.groups.map((group) => group.watch.stop()));
    for (const node of this.sentinels) {
      node.expectEnd();
      node.disconnect();
    }
    const children = [...this.#children.values()].map((child) => child());
    await within(Promise.all(children.map((child) => child.kill())), 20_000, "the end of all");
    for (const folder of this.#mounts) await line(`umount ${folder}`);
    await this.fabric.dismantle();
  }

  async #startRedises(port: number): Promise<readonly ChaosRedis[]> {
    const redises: ChaosRedis[] = [];
    for (const host of this.fabric.hosts) {
      const [master] = redises;
      const folder = this.#subfolder(`redis-${host.name}-${port}`);
      const node = ChaosRedis.launch({ host, port, folder, ...(master && { master }) });
      this.#children.set(node.name, () => node.child);
      redises.push(node);
    }
    await Promise.all(redises.map((node) => node.ready()));
    return redises;
  }

  /** Its folder is a file system of its own, which can be full or read-only. */
  async #startSentinel(host: Host, kind: SentinelKind, config: readonly string[]): Promise<void> {
    const folder = this.#subfolder(`sentinel-${host.name}`);
    await line(`mount -t tmpfs -o size=${folderSize} tmpfs ${folder}`);
    this.#mounts.push(folder);
    const node = ChaosSentinel.launch({ host, kind, folder, config });
    this.#children.set(`process-of-${node.name}`, () => node.child);
    this.sentinels.push(node);
  }

  #startWriters(master: string): Group["writers"] {
    const forwards = this.fabric.hosts.map(({ address }) => address);
    return {
      near: this.#startWriter(this.host(0), `near-${master}`, master, forwards),
      far: this.#startWriter(this.host(2), `far-${master}`, master, forwards.toReversed()),
    };
  }

  #startWriter(host: Host, id: string, master: string, sentinels: readonly string[]): WriterChild {
    const writer = new WriterChild(host, this.#options.folder, { id, master, sentinels });
    this.#children.set(id, () => writer.child);
    return writer;
  }

  #monitorLines(name: string, master: ChaosRedis | undefined): readonly string[] {
    if (master === undefined) throw new Error(`${name} has no server.`);
    return [
      `sentinel monitor ${name} ${master.host.address} ${master.port} 2`,
      `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
      `sentinel failover-timeout ${name} ${failoverTimeoutMs}`,
      `sentinel parallel-syncs ${name} 2`,
    ];
  }

  /** Every Sentinel knows everybody and the clients write. */
  async #settle(): Promise<void> {
    const pairs = this.groups.flatMap(({ name }) =>
      this.sentinels.map((node) => [node, name] as const),
    );
    for (const [node, name] of pairs) {
      const knowsAll = async (): Promise<boolean> => {
        const replicas = await node.table("REPLICAS", name);
        const peers = await node.table("SENTINELS", name);
        return (
          replicas.length === 2 &&
          replicas.every((row) => row.flags === "slave" && row["master-link-status"] === "ok") &&
          peers.length === 2 &&
          peers.every((row) => row.flags === "sentinel")
        );
      };
      await this.until(`${node.name} knows all others`, knowsAll, settleTimeoutMs);
    }
    for (const group of this.groups) {
      const writes = Object.values(group.writers).map(({ options }) => options.id);
      await this.until("the clients write", async () => {
        return Number(await group.firstMaster.call("EXISTS", ...writes)) === writes.length;
      });
    }
  }

  #subfolder(name: string): string {
    const folder = join(this.#options.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  #saveLog(name: string, lines: readonly string[]): void {
    writeFileSync(join(this.#options.folder, `${name}.txt`), `${lines.join("\n")}\n`);
  }
}
