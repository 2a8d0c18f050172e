import assert from "node:assert/strict";
import { type Cluster, knowsAll, startCluster } from "../support/cluster.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import { SplitVoter } from "../support/split-voter.ts";

// Elections of ours in which real C Sentinels vote: only votes of exactly the candidate's epoch count,
// and an epoch that nobody can win is left soon [D-EPOCH] [D-RETRY].

const LATE = "sentinel down-after-milliseconds mymaster 30000";
/** More than there are Sentinels: who has this never stands, but still sees the master down. */
const NO_QUORUM = ["SENTINEL", "SET", "mymaster", "quorum", "9"];

sceneTest("an epoch that moved on during our candidacy is stood in, not raised", async (scene) => {
  const { cluster, ours, agreeing, late } = await silentVoters(scene);
  // Both are ahead, and ours has not heard of it: they refuse to vote in epoch 1. The late one does
  // not say so, as it does not see the master down, so that the election is not lost yet.
  await hearEpoch(cluster, agreeing, late, 6);
  await hearEpoch(cluster, late, agreeing, 6);
  await cluster.master.kill();
  const id = await ours.myId();
  await ours.events.next("+vote-for-leader", { payload: RegExp(`^${id} 1$`) });
  await agreeing.call("SENTINEL", "DEBUG", "publish-period", "2000");
  await ours.events.next("+vote-for-leader", { payload: RegExp(`^${id} 6$`) });
  await Promise.all(cluster.sentinels.map((node) => node.events.next("+switch-master")));
  for (const node of cluster.sentinels) {
    assert.equal((await node.master())["config-epoch"], "6", node.name);
    assert.match(node.configText, /^sentinel current-epoch 6$/m, node.name);
  }
  assert.deepEqual(votesOf(ours), [`${id} 1`, `${id} 6`]);
  for (const node of [agreeing, late]) assert.deepEqual(votesOf(node), [`${id} 6`], node.name);
});

sceneTest("votes of a later epoch do not make ours a second leader of its own", async (scene) => {
  const { cluster, ours, agreeing, late } = await silentVoters(scene);
  // The majority votes for the late one in epoch 1, before ours stands in it.
  const winner = await late.myId();
  const { port } = cluster.master;
  for (const node of [agreeing, late]) {
    const question = ["is-master-down-by-addr", "127.0.0.1", `${port}`, "1", winner];
    assert.deepEqual(await node.call("SENTINEL", ...question), [0, winner, 1]);
  }
  await cluster.master.kill();
  const id = await ours.myId();
  await ours.events.next("+vote-for-leader", { payload: RegExp(`^${id} 1$`) });
  // Another master's election, as it were: both C Sentinels would vote for ours in epoch 6.
  await hearEpoch(cluster, agreeing, late, 6);
  await hearEpoch(cluster, late, agreeing, 6);
  await hearEpoch(cluster, ours, agreeing, 6);
  await scene.until("the attempt is over", () => {
    return ["+elected-leader", "-failover-abort-not-elected"].some((it) => ours.events.has(it));
  });
  assert.equal(ours.events.has("+elected-leader"), false, "the late one may lead in epoch 1");
  for (const node of [agreeing, late]) assert.deepEqual(votesOf(node), [`${winner} 1`]);
  // The next attempt has an epoch of its own, and the votes of both in it.
  await Promise.all(cluster.sentinels.map((node) => node.events.next("+switch-master")));
  for (const node of cluster.sentinels) {
    assert.equal((await node.master())["config-epoch"], "7", node.name);
    assert.equal(votesOf(node).at(-1), `${id} 7`, node.name);
  }
});

sceneTest("a split vote is soon followed by a new epoch, with C's vote in it", async (scene) => {
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c"],
    failoverTimeoutMs: 60_000,
    sentinelConfig: (index) => (index === 0 ? [] : [LATE]),
  });
  const [ours, c] = cluster.sentinels;
  assert.ok(ours && c);
  const ids = ["a".repeat(40), "b".repeat(40)];
  const voters = await Promise.all(ids.map((id) => SplitVoter.listen(id, 1)));
  try {
    await introduce(scene, cluster, voters);
    await cluster.master.kill();
    const first = await ours.events.next("+try-failover");
    const from = ours.events.events.indexOf(first) + 1;
    const lost = await ours.events.next("-failover-abort-not-elected");
    const second = await ours.events.next("+try-failover", { from });
    // The wait is a second at most; twice the failover timeout would be two minutes. That it is lost
    // is known with the last vote, after what the disks take.
    assert.ok(second.atMs - lost.atMs < 1_500, `again after ${second.atMs - lost.atMs} ms`);
    assert.ok(lost.atMs - first.atMs < 2_000, `lost after ${lost.atMs - first.atMs} ms`);
    await c.events.next("+switch-master");
    const id = await ours.myId();
    assert.deepEqual(votesOf(c), [`${id} 1`, `${id} 2`]);
    for (const node of [ours, c]) assert.equal((await node.master())["config-epoch"], "2");
  } finally {
    for (const voter of voters) voter.close();
  }
});

interface SilentVoters {
  readonly cluster: Cluster;
  readonly ours: SentinelNode;
  /** A C Sentinel that sees the master down when ours does. */
  readonly agreeing: SentinelNode;
  /** A C Sentinel that does not. */
  readonly late: SentinelNode;
}

/** Two C Sentinels that never stand, and send no hello: what they know of epochs stays with them. */
async function silentVoters(scene: Scene): Promise<SilentVoters> {
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c", "c"],
    failoverTimeoutMs: 2_000,
    sentinelConfig: (index) => (index === 2 ? [LATE] : []),
  });
  const [ours, agreeing, late] = cluster.sentinels;
  assert.ok(ours && agreeing && late);
  for (const node of [agreeing, late]) {
    await node.call(...NO_QUORUM);
    await node.call("SENTINEL", "DEBUG", "publish-period", "3600000");
  }
  return { cluster, ours, agreeing, late };
}

/** What a Sentinel would hear from another whose epoch has moved on. */
async function hearEpoch(
  { master }: Cluster,
  hearer: SentinelNode,
  speaker: SentinelNode,
  epoch: number,
): Promise<void> {
  const speakerWords = `127.0.0.1,${speaker.port},${await speaker.myId()},${epoch}`;
  const hello = `${speakerWords},mymaster,127.0.0.1,${master.port},0`;
  assert.equal(await hearer.call("PUBLISH", "__sentinel__:hello", hello), 1);
  await hearer.events.next("+new-epoch", { payload: RegExp(`^${epoch}$`) });
}

/** Makes them known to both Sentinels, which connect to them. */
async function introduce(
  scene: Scene,
  { master, sentinels, redises }: Cluster,
  voters: readonly SplitVoter[],
): Promise<void> {
  for (const voter of voters) {
    await master.call("PUBLISH", "__sentinel__:hello", voter.hello("mymaster", master.port));
  }
  const count = { replicas: redises.length - 1, peers: sentinels.length - 1 + voters.length };
  for (const node of sentinels) {
    await scene.until(`${node.name} knows the voters`, () => knowsAll(node, count));
  }
}

/** In the order in which it gave them, each as `id epoch`. */
function votesOf(node: SentinelNode): readonly string[] {
  const votes = node.events.events.filter((event) => event.channel === "+vote-for-leader");
  return votes.map((event) => event.payload);
}
