import type { RedisNode } from "../support/redis-node.ts";
import type { Scene } from "../support/scene.ts";

/** Masters that a benchmark lets Sentinels watch, and kills. */
export interface Masters {
  readonly groups: number;
  /** Of each group. */
  readonly replicas: number;
  /** `host:port` of the group's master at the start. */
  master(group: number): string;
  killMasters(groups: readonly number[]): Promise<void>;
}

/** Real servers, each group on its own. */
export class RealMasters implements Masters {
  readonly replicas: number;
  readonly #masters: readonly RedisNode[];

  static async start(scene: Scene, groups: number, replicas: number): Promise<RealMasters> {
    const masters = await Promise.all(Array.from({ length: groups }, () => scene.redis()));
    const copies = masters.flatMap((master) => Array<RedisNode>(replicas).fill(master));
    await Promise.all(copies.map((master) => scene.redis({ master })));
    return new RealMasters(masters, replicas);
  }

  private constructor(masters: readonly RedisNode[], replicas: number) {
    this.replicas = replicas;
    this.#masters = masters;
  }

  get groups(): number {
    return this.#masters.length;
  }

  master(group: number): string {
    const node = this.#masters[group];
    if (node === undefined) throw new Error(`no group ${group}`);
    return node.address;
  }

  async killMasters(groups: readonly number[]): Promise<void> {
    for (const group of groups) this.#masters[group]?.child.signal("SIGKILL");
  }
}
