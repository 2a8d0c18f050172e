import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SimCluster } from "../sim/cluster.ts";

describe("connections that were lost in silence [D-STALE-IN-TILT]", () => {
  it("are replaced in TILT too, so that at its end nobody is called down for them", () => {
    const cluster = new SimCluster();
    cluster.settle();
    cluster.clock.advance(20_000);
    // The machine is suspended; a firewall has forgotten its connections when it goes on.
    const sentinel = cluster.sentinel(0);
    sentinel.isStopped = true;
    for (const { address } of [...cluster.servers.values(), ...cluster.sentinels])
      cluster.network.forgetConnections(address);
    cluster.clock.advance(3_000);
    sentinel.isStopped = false;
    cluster.clock.advance(60_000);
    const { events } = sentinel;
    assert.ok(
      events.some(({ name }) => name === "-tilt"),
      cluster.timeline(),
    );
    assert.ok(!events.some(({ name }) => name === "+sdown"), cluster.timeline());
  });
});
