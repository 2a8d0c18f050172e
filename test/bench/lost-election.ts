import type { Scene } from "../support/scene.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";
import { SplitVoter } from "../support/split-voter.ts";
import { type Benchmark, type BenchmarkRun, inTurns, pureKinds } from "./benchmark.ts";
import { atMost, type Figure } from "./figure.ts";
import { withScene } from "./with-scene.ts";

const downAfterMs = 1000;
/** The C program waits twice this; the default of three minutes would show nothing more. */
const failoverTimeoutMs = 3000;

const untilNext: Figure = {
  name: `election lost to a split vote, failover-timeout ${failoverTimeoutMs}: to the next attempt`,
  unit: "ms",
  target: atMost(1200),
};

/** Three voters, three candidates: how long until the real one of them stands again. */
export const lostElectionBenchmark: Benchmark = {
  name: "lost-election",
  runs: 3,
  measure: (run) =>
    inTurns(run.runs, pureKinds(run), async (kind, turn) => {
      run.say(`${kind}, ${turn} of ${run.runs}`);
      const voters = [
        await SplitVoter.listen("a".repeat(40)),
        await SplitVoter.listen("b".repeat(40)),
      ];
      try {
        await withScene((scene) => loseElection(run, kind, scene, voters));
      } finally {
        for (const voter of voters) voter.close();
      }
    }),
};

async function loseElection(
  run: BenchmarkRun,
  kind: SentinelKind,
  scene: Scene,
  voters: readonly SplitVoter[],
): Promise<void> {
  const master = await scene.redis();
  await scene.redis({ master });
  const sentinel = await scene.sentinel({
    kind,
    config: [
      `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
      `sentinel down-after-milliseconds mymaster ${downAfterMs}`,
      `sentinel failover-timeout mymaster ${failoverTimeoutMs}`,
    ],
  });
  for (const voter of voters) {
    await master.call("PUBLISH", "__sentinel__:hello", voter.hello("mymaster", master.port));
  }
  await scene.until("the voters and the replica are known", async () => {
    const [peers, replicas] = await Promise.all([sentinel.sentinels(), sentinel.replicas()]);
    const rows = [...peers, ...replicas];
    return rows.length === 3 && rows.every(({ flags = "" }) => !flags.includes("disconnected"));
  });
  await master.kill();
  const first = await sentinel.events.next("+try-failover");
  const from = sentinel.events.events.indexOf(first) + 1;
  const timeoutMs = 3 * failoverTimeoutMs;
  const second = await sentinel.events.next("+try-failover", { from, timeoutMs });
  run.record(untilNext, kind, second.atMs - first.atMs);
}
