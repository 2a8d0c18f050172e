import { writeScript } from "../support/files.ts";
import type { RedisNode } from "../support/redis-node.ts";
import type { Scene } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";

/** An event in one line: level, name, payload. Servers are R1, R2, ...; ids and pids are hidden. */
export type Line = string;

/**
 * Periods under which both programs need tenths of seconds where they usually need seconds. INFO
 * of a replica must be younger than five PING periods for a failover, and may be a second old.
 */
const QUICK = [
  ...["info-period", "300", "ping-period", "300", "publish-period", "300", "ask-period", "100"],
  ...["default-down-after", "1000", "tilt-period", "3000"],
];

/** A master with two replicas, watched by the Sentinel under test and perhaps by a peer. */
export class World {
  readonly kind: SentinelKind;
  readonly sentinel: SentinelNode;
  readonly peer: SentinelNode | null;
  readonly redises: RedisNode[] = [];
  readonly #scene: Scene;
  readonly #others = new Map<number, string>();
  #from = 0;

  /** Servers 1 (the master), 2 (the replica to be promoted first) and 3. */
  static async build(scene: Scene, kind: SentinelKind, withPeer: boolean): Promise<World> {
    const master = await scene.redis();
    const first = await scene.redis({ master, config: ["replica-priority 50"] });
    const second = await scene.redis({ master });
    const quorum = withPeer ? 2 : 1;
    const script = writeScript(scene.folder, `notify-${kind}.sh`, ["exit 0"]);
    const config = [
      `sentinel monitor m 127.0.0.1 ${master.port} ${quorum}`,
      "sentinel down-after-milliseconds m 1000",
      "sentinel failover-timeout m 6000",
    ];
    const watching = [...config, "loglevel debug"];
    if (!withPeer) watching.push(`sentinel notification-script m ${script}`);
    const sentinel = await scene.sentinel({ kind, config: watching });
    const peer = withPeer ? await scene.sentinel({ kind: "c", config }) : null;
    const world = new World(scene, kind, sentinel, peer);
    world.redises.push(master, first, second);
    for (const node of peer === null ? [sentinel] : [sentinel, peer]) {
      await node.call("SENTINEL", "DEBUG", ...QUICK);
    }
    await world.until("both replicas are known", async () => {
      const replicas = await sentinel.replicas("m");
      return replicas.length === 2 && replicas.every((row) => row.runid !== "");
    });
    return world;
  }

  private constructor(
    scene: Scene,
    kind: SentinelKind,
    sentinel: SentinelNode,
    peer: SentinelNode | null,
  ) {
    this.#scene = scene;
    this.kind = kind;
    this.sentinel = sentinel;
    this.peer = peer;
    this.#others.set(sentinel.port, "the Sentinel");
    if (peer !== null) this.#others.set(peer.port, "the peer");
  }

  /** Server by its number, from 1. */
  server(number: number): RedisNode {
    const node = this.redises[number - 1];
    if (node === undefined) throw new Error(`There is no server ${number}.`);
    return node;
  }

  async addReplica(of: number): Promise<void> {
    this.redises.push(await this.#scene.redis({ master: this.server(of) }));
  }

  async ask(...words: readonly string[]): Promise<void> {
    await this.sentinel.call("SENTINEL", ...words);
  }

  /** From here on, {@link sees} looks at what is new. */
  mark(): void {
    this.#from = this.sentinel.events.events.length;
  }

  /** Waits for the event about this server since the mark. */
  async sees(channel: string, about?: number | string): Promise<void> {
    const subject = typeof about === "number" ? ` ${this.server(about).port}\\b` : (about ?? "");
    const payload = new RegExp(`^[^@]*${subject}`);
    await this.sentinel.events.next(channel, { payload, from: this.#from, timeoutMs: 30_000 });
  }

  async until(what: string, probe: () => Promise<boolean>): Promise<void> {
    await this.#scene.until(`${what} (${this.kind})`, probe, 30_000);
  }

  /** The events in its log, those of level debug included. */
  logged(): readonly Line[] {
    return this.sentinel.child.log.lines.flatMap((line) => {
      const found = /^\d+:X .{24} ([.#*-]) ([+-][a-z].*)$/.exec(line);
      return found === null ? [] : [this.#named(`${found[1]} ${found[2]}`)];
    });
  }

  /** The events that a subscriber of `*` received, without a level. */
  published(): readonly Line[] {
    return this.sentinel.events.events.map(({ channel, payload }) =>
      this.#named(`${channel} ${payload}`),
    );
  }

  #named(line: string): string {
    let text = line;
    for (const [at, { port }] of this.redises.entries()) text = named(text, port, `R${at + 1}`);
    for (const [port, name] of this.#others) text = named(text, port, name);
    return text.replace(/\b[0-9a-f]{40}\b/g, "ID").replace(/(script-child) \d+/, "$1 PID");
  }
}

function named(text: string, port: number, name: string): string {
  return text.replaceAll(new RegExp(`127\\.0\\.0\\.1[: ]${port}\\b`, "g"), name);
}
