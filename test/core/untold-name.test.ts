import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";

function isLeader({ events }: SimSentinel): boolean {
  return events.some(({ name }) => name === "+promoted-slave");
}

describe("a name of our master's data that we never heard from it [D-HEIRS]", () => {
  it("is known by a replica that was seen in sync with it, so that this one takes over at once", () => {
    const cluster = new SimCluster({ downAfterMs: 2_200, replicas: 2 });
    cluster.settle();
    const { clock, network, sentinels } = cluster;
    const [M, ...replicas] = [...(cluster.groups[0]?.servers ?? [])] as [SimRedis, ...SimRedis[]];
    network.kill(M);
    assert.ok(
      clock.advanceUntil(() => sentinels.some(isLeader), 10_000),
      cluster.timeline(),
    );
    const P = replicas.find(({ role }) => role === "master");
    const R = replicas.find(({ role }) => role === "slave");
    assert.ok(P && R);
    P.infoTakesMs = 60_000;
    const others = sentinels.filter((one) => !isLeader(one));
    const seesSync = (one: SimSentinel) => {
      const replica = masterOf(one).replicas.get(`${R.host}:6379`);
      return replica?.upstreamHost === P.host && replica.upstreamLinkUp;
    };
    assert.ok(
      clock.advanceUntil(() => others.every(seesSync), 1_500),
      cluster.timeline(),
    );
    sentinels.find(isLeader)?.crash();
    network.kill(P);
    const killedAt = clock.now;
    const isChosen = () =>
      others.some(({ events }) =>
        events.some(({ name, atMs }) => name === "+selected-slave" && atMs > killedAt),
      );
    assert.ok(clock.advanceUntil(isChosen, 3_000), cluster.timeline());
  });
});
