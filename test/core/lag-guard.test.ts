import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_GUARDS } from "../../src/core/guards.ts";
import type { MaxLag } from "../../src/core/lag-guard.ts";
import { Stage } from "./coordinated-stage.ts";

const FAILOVER_TIMEOUT_MS = 20_000;

/** A master that died, one replica that is preferred and lags far behind, and others that lag as told. */
function killed(maxLag: MaxLag | null, { othersLag }: { othersLag: boolean }): Stage {
  const stage = new Stage({ failoverTimeoutMs: FAILOVER_TIMEOUT_MS, downAfterMs: 1_000 });
  const { clock, network, sentinels } = stage.cluster;
  for (const { core } of sentinels) core.state.settings.guards = { ...DEFAULT_GUARDS, maxLag };
  const [master, preferred, other] = stage.servers;
  assert.ok(master && preferred && other);
  preferred.priority = 1;
  preferred.lagRounds = 1_000_000;
  if (othersLag) other.lagRounds = 1_000_000;
  stage.write();
  // The master's INFO tells how much there is.
  clock.advance(11_000);
  network.kill(master);
  return stage;
}

const chosen = ({ cluster }: Stage) =>
  cluster.sentinels
    .flatMap(({ events }) => events)
    .find(({ name }) => name === "+selected-slave")
    ?.payload.split(" ")[1];
const hears = ({ cluster }: Stage, event: string) =>
  cluster.sentinels.some(({ events }) => events.some(({ name }) => name === event));
const lacking = (bytes: bigint, isStrict = false): MaxLag => ({ bytes, isStrict });

describe("--max-lag [D-MAX-LAG]", () => {
  it("takes a replica that lacks less before one of a smaller priority", () => {
    const usual = killed(null, { othersLag: false });
    usual.cluster.clock.advance(8_000);
    assert.equal(chosen(usual), usual.servers[1]?.address);
    const bound = killed(lacking(50n), { othersLag: false });
    bound.cluster.clock.advance(8_000);
    assert.equal(chosen(bound), bound.servers[2]?.address);
    assert.ok(!hears(bound, "+guard-lag"));
  });

  it("waits half a failover-timeout if all lack more, then takes the best, and says so", () => {
    const stage = killed(lacking(50n), { othersLag: true });
    const { clock } = stage.cluster;
    clock.advance(FAILOVER_TIMEOUT_MS / 2);
    assert.equal(chosen(stage), undefined, stage.cluster.timeline());
    clock.advance(5_000);
    assert.equal(chosen(stage), stage.servers[1]?.address);
    assert.ok(hears(stage, "+guard-lag"), stage.cluster.timeline());
  });

  it("takes one that has caught up meanwhile", () => {
    const stage = killed(lacking(50n), { othersLag: true });
    const { clock } = stage.cluster;
    clock.advance(4_000);
    const [master, , other] = stage.servers;
    assert.ok(master && other);
    other.data = [...master.data];
    clock.advance(4_000);
    assert.equal(chosen(stage), other.address, stage.cluster.timeline());
    assert.ok(!hears(stage, "+guard-lag"));
  });

  it("takes none if it is strict, and tries again as soon as one lacks less", () => {
    const stage = killed(lacking(50n, true), { othersLag: true });
    const { clock } = stage.cluster;
    clock.advance(3 * FAILOVER_TIMEOUT_MS);
    assert.equal(chosen(stage), undefined);
    const tries = stage.cluster.sentinels.flatMap(({ events }) =>
      events.filter(({ name }) => name === "+try-failover"),
    );
    assert.ok(tries.length <= 3, `${tries.length} attempts`);
    assert.match(
      stage.cluster.sentinels.flatMap(({ logs }) => logs).join("\n"),
      /it lacks \d+ bytes/,
    );
    const [master, , other] = stage.servers;
    assert.ok(master && other);
    other.data = [...master.data];
    clock.advance(4_000);
    assert.equal(chosen(stage), other.address, stage.cluster.timeline());
  });

  it("takes no server that lost all its data, if it is strict: what that lacks is not known", () => {
    for (const isStrict of [false, true]) {
      const options = { replicas: 1, failoverTimeoutMs: FAILOVER_TIMEOUT_MS, downAfterMs: 1_000 };
      const stage = new Stage(options);
      const { clock, network, sentinels } = stage.cluster;
      const maxLag = lacking(1_000_000_000n, isStrict);
      for (const { core } of sentinels) core.state.settings.guards = { ...DEFAULT_GUARDS, maxLag };
      const [master, replica] = stage.servers;
      assert.ok(master && replica);
      stage.write();
      network.kill(replica);
      clock.advance(1_000);
      replica.restartEmpty();
      replica.follow(master);
      network.cut(replica.address, master.address);
      clock.advance(3_000);
      network.kill(master);
      clock.advance(3 * FAILOVER_TIMEOUT_MS);
      assert.equal(chosen(stage), isStrict ? undefined : replica.address, stage.cluster.timeline());
    }
  });

  it("leaves an operator's failover alone", () => {
    const stage = new Stage({ failoverTimeoutMs: FAILOVER_TIMEOUT_MS });
    const { clock, sentinels } = stage.cluster;
    for (const { core } of sentinels) {
      core.state.settings.guards = { ...DEFAULT_GUARDS, maxLag: lacking(0n, true) };
    }
    for (const server of stage.servers) server.lagRounds = 1_000_000;
    stage.write();
    clock.advance(11_000);
    stage.ask(["SENTINEL", "FAILOVER", "mymaster"]);
    clock.advance(2_000);
    assert.ok(hears(stage, "+promoted-slave"), stage.cluster.timeline());
  });
});
