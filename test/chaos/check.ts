import type { Arena } from "./arena.ts";
import type { Group } from "./group.ts";
import type { ChaosRedis } from "./redis.ts";
import { wrongVotes } from "./votes.ts";

/** Generous: two failed elections, and a TILT of 30 s. */
const agreementTimeoutMs = 90_000;
/** An agreement must hold this long, so that a failover on its heels is not overlooked. */
const steadyMs = 2500;
/**
 * Redis Sentinel makes a replica of a returned master when it has said "master" for 8 s, and
 * looks every 10 s; the rest is for a busy machine.
 */
const fenceLimitMs = 8000 + 10_000 + 4000;
const writingAgainMs = 3000;

export interface Figures {
  readonly writes: number;
  /** Acknowledged, and not on the master in the end. */
  readonly lost: number;
  /** Of the client that is never cut off with the old master. */
  readonly withoutMasterMs: number;
  readonly twoMastersMs: number;
  /** From the end of the fault until no second server took writes. */
  readonly fencedMs: number;
  readonly agreedMs: number;
  readonly wrong: readonly string[];
}

/** What must hold after every scenario. */
export async function checkEnd(arena: Arena): Promise<Figures> {
  const wrong: string[] = [];
  const masters: ChaosRedis[] = [];
  for (const group of arena.groups) masters.push(await steadyMaster(arena, group));
  const agreedMs = performance.now() - steadyMs - arena.healedAtMs;
  const groups = await Promise.all(
    arena.groups.map((group, index) => measure(group, masters[index], wrong)),
  );
  const fencedMs = Math.max(
    ...arena.groups.map(({ watch }) => watch.severalAfterMs(arena.healedAtMs)),
  );
  if (fencedMs > fenceLimitMs) wrong.push(`two masters for ${fencedMs.toFixed()} ms after the end`);
  for (const node of arena.sentinels) {
    const votes = wrongVotes(node.allLines, arena.groups.length);
    wrong.push(...votes.map((text) => `${node.name} (${node.kind}) ${text}`), ...node.unaskedEnds);
  }
  return {
    writes: sum(groups.map(({ writes }) => writes)),
    lost: sum(groups.map(({ lost }) => lost)),
    withoutMasterMs: Math.max(...groups.map(({ withoutMasterMs }) => withoutMasterMs)),
    twoMastersMs: Math.max(...arena.groups.map(({ watch }) => watch.longestMs)),
    fencedMs,
    agreedMs: Math.max(0, agreedMs),
    wrong,
  };
}

/** One master in every Sentinel, followed by every server, and for longer than an instant. */
async function steadyMaster(arena: Arena, group: Group): Promise<ChaosRedis> {
  let since = { master: group.firstMaster, atMs: Number.POSITIVE_INFINITY };
  return await arena.until(
    `one agreed master of ${group.name}, followed by all`,
    async () => {
      try {
        const master = await group.agreed(arena.sentinels);
        await group.assertFollowed(master);
        const changed = master !== since.master || since.atMs === Number.POSITIVE_INFINITY;
        if (changed) since = { master, atMs: performance.now() };
        return performance.now() - since.atMs >= steadyMs && master;
      } catch (error) {
        since = { ...since, atMs: Number.POSITIVE_INFINITY };
        throw error;
      }
    },
    agreementTimeoutMs,
  );
}

type GroupFigures = Pick<Figures, "writes" | "lost" | "withoutMasterMs">;

async function measure(
  group: Group,
  master: ChaosRedis | undefined,
  wrong: string[],
): Promise<GroupFigures> {
  const { near, far } = group.writers;
  const [nearReport, farReport] = await Promise.all([near.report(), far.report()]);
  if (master === undefined) throw new Error(`${group.name} has no master.`);
  for (const [writer, { sinceLastMs }] of [
    [near, nearReport] as const,
    [far, farReport] as const,
  ]) {
    if (sinceLastMs > writingAgainMs) wrong.push(`${writer.options.id} does not write again`);
  }
  return {
    writes: nearReport.acknowledged + farReport.acknowledged,
    lost:
      (await group.lostWrites(master, near, nearReport)) +
      (await group.lostWrites(master, far, farReport)),
    withoutMasterMs: farReport.outagesMs,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
