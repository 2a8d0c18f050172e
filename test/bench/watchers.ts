import type { Scene } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";
import { type ClusterKind, membersOf } from "./kinds.ts";
import type { Masters } from "./masters.ts";
import { firstTime } from "./poll.ts";

export interface WatcherOptions {
  /** What they are, in place of those that the kind of the cluster means. */
  readonly members?: readonly SentinelKind[];
  readonly sentinels?: number;
  readonly downAfterMs?: number;
  readonly failoverTimeoutMs?: number;
  /** Environment of each, by its index. */
  readonly envOf?: (index: number) => Readonly<Record<string, string>>;
}

/** Seldom enough that the question costs nothing beside what is measured. */
const settledPoll = { everyMs: 250, timeoutMs: 300_000 };

export function masterName(group: number): string {
  return `m${group}`;
}

/** Sentinels that watch every master, all started at once. */
export async function startWatchers(
  scene: Scene,
  kind: ClusterKind,
  masters: Masters,
  options: WatcherOptions = {},
): Promise<readonly SentinelNode[]> {
  const { sentinels = 3, members = membersOf(kind, sentinels), envOf } = options;
  const config = watcherConfig(masters, Math.floor(members.length / 2) + 1, options);
  const started = members.map((member, index) =>
    scene.sentinel({ kind: member, config, env: envOf?.(index) ?? {} }),
  );
  return await Promise.all(started);
}

function watcherConfig(
  masters: Masters,
  quorum: number,
  options: WatcherOptions,
): readonly string[] {
  const { downAfterMs = 5000, failoverTimeoutMs = 10_000 } = options;
  return Array.from({ length: masters.groups }, (_, group) => group).flatMap((group) => {
    const name = masterName(group);
    const address = masters.master(group).replace(":", " ");
    return [
      `sentinel monitor ${name} ${address} ${quorum}`,
      `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
      `sentinel failover-timeout ${name} ${failoverTimeoutMs}`,
    ];
  });
}

/** Every Sentinel knows every other, and the replicas, of every master. */
export async function allSettled(
  sentinels: readonly SentinelNode[],
  masters: Masters,
): Promise<void> {
  const like = new RegExp(`status=ok,.*slaves=${masters.replicas},sentinels=${sentinels.length}$`);
  await Promise.all(
    sentinels.map((sentinel) =>
      firstTime(
        `${sentinel.name} knows all others`,
        async () => {
          const lines = Object.values(await sentinel.info("sentinel"));
          return lines.filter((line) => like.test(line)).length === masters.groups;
        },
        settledPoll,
      ),
    ),
  );
}

export async function outOfTilt(sentinels: readonly SentinelNode[]): Promise<void> {
  for (const sentinel of sentinels) {
    await firstTime(
      `${sentinel.name} is out of TILT`,
      async () => (await sentinel.info("sentinel")).sentinel_tilt === "0",
      settledPoll,
    );
  }
}

/** How often it entered TILT, from its log: the subscription may have begun later. */
export function tiltsOf(sentinel: SentinelNode): number {
  return sentinel.child.log.lines.filter((line) => /\+tilt\b/.test(line)).length;
}
