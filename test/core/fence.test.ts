import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { error } from "../../src/base/reply.ts";
import { masterOf } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";
import { COORDINATED, Stage } from "./coordinated-stage.ts";
import { plain } from "./harness.ts";

const FENCE = [...COORDINATED, "METHOD", "fence"];
/** Of each server, before. */
const OWN = 1;

function stageOf(options: ConstructorParameters<typeof Stage>[0] = {}): Stage {
  const stage = new Stage(options);
  for (const server of stage.servers) server.minReplicas = OWN;
  return stage;
}

const isFenced = ({ servers }: Stage) => servers.some((one) => one.isFenced);
const kept = ({ leader }: Stage) => leader.disk.extra.masters.get("mymaster")?.fences ?? [];

/** So long the order to refuse writes may be under way, if it was not answered. */
const UNDER_WAY_MS = 120_000;

function assertAsBefore(stage: Stage, withinMs = 15_000): void {
  stage.cluster.clock.advance(withinMs);
  assert.deepEqual(
    stage.servers.map(({ minReplicas }) => minReplicas),
    stage.servers.map(() => OWN),
    stage.leader.logs.join("\n"),
  );
  assert.deepEqual(kept(stage), []);
  assert.deepEqual(masterOf(stage.leader).fences, []);
}

/** What happens in the moment in which a server is told to refuse writes. */
function whenFenced(stage: Stage, happen: (old: SimRedis) => void): void {
  const old = stage.master;
  stage.leader.onSend = (to, args) => {
    if (to === old.address && args[1] === "SET" && Number(args[3]) > 1_000) happen(old);
  };
}

/** The other name is told of a newer configuration than that of the switch, and stays where it is. */
function keepAlias({ leader, cluster: { sentinels, clock } }: Stage): void {
  const alias = leader.core.state.masters.get("alias");
  const peer = sentinels[1];
  assert.ok(alias && peer);
  const { host, port } = alias.address;
  const [ip] = peer.address.split(":");
  const words = [ip, 26379, peer.core.state.myId, 1_000, "alias", host, port, 1_000];
  clock.after(1, () => leader.ask("PUBLISH", "__sentinel__:hello", words.join(",")));
}

describe("METHOD fence [COORD-FENCE]", () => {
  for (const lagRounds of [1, 4, 20]) {
    it(`loses no write where replicas lag ${lagRounds * 50} ms, and leaves nothing behind`, () => {
      const stage = stageOf();
      for (const server of stage.servers) server.lagRounds = lagRounds;
      const old = stage.master;
      let before: unknown[] = [];
      whenFenced(stage, () => {
        before = [...kept(stage)];
      });
      stage.write();
      assert.equal(plain(stage.ask(FENCE)), "OK");
      stage.await("+switch-master");
      assert.equal(before.length, 1);
      stage.cluster.clock.advance(5_000);
      assert.notEqual(stage.master, old);
      assert.equal(stage.lost, 0);
      assertAsBefore(stage);
    });
  }

  it("is for servers that know no pause of writes, and is never chosen by itself", () => {
    const stage = stageOf();
    for (const { core } of stage.cluster.sentinels) {
      for (const master of core.state.masters.values()) master.knowsHandingOver = false;
    }
    assert.match(`${plain(stage.ask(COORDINATED))}`, /^-NOGOODPRIMARY/);
    assert.equal(plain(stage.ask(FENCE)), "OK");
    stage.await("+switch-master");
    assertAsBefore(stage);
  });

  it("is lifted if the target does not catch up", () => {
    const stage = stageOf({ replicas: 1 });
    const old = stage.master;
    stage.write();
    const [, target] = stage.servers;
    assert.ok(target);
    target.lagRounds = 1_000;
    stage.ask([...FENCE, "TIMEOUT", "600"]);
    stage.await("-failover-abort-master-timeout");
    stage.cluster.clock.advance(50);
    assert.ok(!isFenced(stage));
    assert.equal(stage.master, old);
    assertAsBefore(stage);
  });

  it("is undone if a script or a transaction wrote all the same", () => {
    const stage = stageOf({ replicas: 1 });
    const old = stage.master;
    // A full sync takes its time: one that is called off at once costs nothing.
    old.syncTerms = { delayMs: 100, transferMs: 100, isDropping: false, isForced: false };
    stage.write();
    stage.leader.onEvent.push(({ name }) => {
      // Not held up by the fence.
      if (name === "+failover-state-wait-promotion") old.data.push(1_000_000);
    });
    stage.ask(FENCE);
    stage.await("-failover-abort-slave-timeout");
    assert.match(stage.leader.logs.join("\n"), /has taken writes meanwhile/);
    stage.cluster.clock.advance(30_000);
    assert.equal(stage.master, old);
    assert.ok(old.data.includes(1_000_000));
    assert.ok(!stage.says("+promoted-slave"));
    assert.equal(stage.lost, 0);
    assertAsBefore(stage);
  });

  it("is not begun before the old value is on disk", () => {
    const stage = stageOf();
    stage.leader.onEvent.push(({ name }) => {
      if (name === "+elected-leader") stage.leader.disk.isFull = true;
    });
    let count = 0;
    whenFenced(stage, () => count++);
    stage.ask(FENCE);
    stage.await("-failover-abort-master-timeout");
    assert.match(stage.leader.logs.join("\n"), /old value could not be written/);
    assert.equal(count, 0);
    stage.leader.disk.isFull = false;
    stage.cluster.clock.advance(15_000);
    assertAsBefore(stage);
  });

  it("is lifted after a restart, when the leader died in it", () => {
    const stage = stageOf();
    const old = stage.master;
    const { clock } = stage.cluster;
    // Nobody else finishes it.
    for (const server of stage.servers) if (server !== old) server.lagRounds = 1_000_000;
    stage.write();
    whenFenced(stage, () => clock.after(5, () => stage.leader.crash()));
    stage.ask(FENCE);
    clock.advance(3_000);
    assert.ok(old.isFenced && !stage.leader.isRunning);
    stage.leader.start();
    clock.advance(8_000);
    assert.ok(!old.isFenced, stage.leader.logs.join("\n"));
    assertAsBefore(stage, UNDER_WAY_MS);
  });

  it("is lifted, too, if the order comes when it was given up long ago, on a connection that stood still", () => {
    const stage = stageOf();
    const old = stage.master;
    const { clock, network } = stage.cluster;
    stage.write();
    const receive = old.receive.bind(old);
    let late: readonly string[] = [];
    old.receive = (connection, request, args) => {
      if (args[1] === "SET" && Number(args[3]) > 1_000) late = args;
      else receive(connection, request, args);
    };
    stage.ask([...FENCE, "TIMEOUT", "600"]);
    stage.await("-failover-abort-master-timeout");
    for (const waitMs of [10_000, 60_000]) {
      clock.advance(waitMs);
      assert.equal(kept(stage).length, 1);
      old.config(late);
      assert.ok(old.isFenced);
      clock.advance(3_000);
      assert.ok(!old.isFenced, stage.leader.logs.join("\n"));
    }
    assert.match(`${plain(stage.ask(FENCE))}`, /^OK/);
    clock.advance(10_000);
    assert.match(stage.leader.logs.join("\n"), /an order of before to refuse writes may still be/);
    network.forgetConnections(old.address);
    assertAsBefore(stage, UNDER_WAY_MS);
  });

  it("is not put up where another name would stay with the old master", () => {
    const stage = stageOf({ hasAlias: true });
    stage.write();
    stage.leader.onEvent.push(({ name }) => name === "+elected-leader" && keepAlias(stage));
    let count = 0;
    whenFenced(stage, () => count++);
    stage.ask(FENCE);
    stage.await("-failover-abort-master-timeout");
    assert.match(stage.leader.logs.join("\n"), /another name watches that master/);
    assert.equal(count, 0);
  });

  it("is lifted from one that stays the master of another name, for nobody tells that to follow", () => {
    const stage = stageOf();
    const [, server] = stage.servers;
    assert.ok(server);
    const [host = "", port = ""] = server.address.split(":");
    server.follow(null);
    for (const one of stage.cluster.sentinels)
      one.ask("SENTINEL", "MONITOR", "other", host, port, "2");
    // Its INFO says that it is a master.
    stage.cluster.clock.advance(12_000);
    server.minReplicas = 1_000_000_000 + OWN;
    const address = { host, port: Number(port) };
    masterOf(stage.leader).fences = [{ address, value: OWN, dueAt: 0 }];
    assertAsBefore(stage);
    assert.equal(server.role, "master");
  });

  it("is told of, if its server is not reached when its record goes", () => {
    for (const what of ["REMOVE", "FORGET"]) {
      const stage = stageOf();
      const [master, replica] = stage.servers;
      const server = what === "REMOVE" ? master : replica;
      assert.ok(server);
      const [host = "", port = ""] = server.address.split(":");
      const address = { host, port: Number(port) };
      masterOf(stage.leader).fences = [{ address, value: OWN, dueAt: 0 }];
      stage.cluster.network.kill(server);
      stage.cluster.clock.advance(1_000);
      const words = what === "FORGET" ? ["REPLICA", host, port, "FORCE"] : [];
      stage.ask(["SENTINEL", what, "mymaster", ...words]);
      const text = `${server.address} may be left refusing writes`;
      const told = stage.leader.logs.filter((one) => one.includes(text));
      assert.equal(told.length, 1, stage.leader.logs.join("\n"));
      assert.match(told[0] ?? "", /set its min-slaves-to-write to 1$/);
    }
  });

  it("is lifted when a server answers again that could not be reached", () => {
    const stage = stageOf();
    const old = stage.master;
    const { clock, network } = stage.cluster;
    stage.write();
    whenFenced(stage, () => clock.after(5, () => network.cut(stage.leader.address, old.address)));
    for (const server of stage.servers) if (server !== old) server.lagRounds = 1_000_000;
    stage.ask([...FENCE, "TIMEOUT", "600"]);
    clock.advance(4_000);
    assert.ok(old.isFenced);
    assert.equal(kept(stage).length, 1);
    network.heal();
    clock.advance(20_000);
    assert.ok(!isFenced(stage));
    assertAsBefore(stage);
  });

  it("says what is in the way, and what a server refuses to take back", () => {
    const stage = stageOf();
    const old = stage.master;
    stage.write();
    old.refuse = ([name, what]) =>
      name === "CONFIG" && what === "GET" ? error("NOPERM no right to it") : null;
    stage.ask(FENCE);
    stage.await("-failover-abort-master-timeout");
    assert.match(stage.leader.logs.join("\n"), /the master refuses CONFIG GET: NOPERM/);
    old.refuse = () => null;
    whenFenced(stage, () => {
      stage.cluster.clock.after(2, () => {
        for (const server of stage.servers) {
          server.refuse = ([name, what]) =>
            name === "CONFIG" && what === "SET" ? error("NOPERM no right to it") : null;
        }
      });
    });
    for (const server of stage.servers) if (server !== old) server.lagRounds = 1_000_000;
    assert.equal(plain(stage.ask([...FENCE, "TIMEOUT", "600"])), "OK");
    stage.cluster.clock.advance(10_000);
    const told = stage.leader.logs.filter((one) =>
      /does not get its min-slaves-to-write 1 back/.test(one),
    );
    assert.equal(told.length, 1, stage.leader.logs.join("\n"));
    assert.equal(kept(stage).length, 1);
    for (const server of stage.servers) server.refuse = () => null;
    assertAsBefore(stage);
  });

  it("finds the old value in one that another Sentinel left", () => {
    const stage = stageOf();
    stage.master.minReplicas = 1_000_000_000 + OWN;
    stage.ask(FENCE);
    stage.await("+switch-master");
    assertAsBefore(stage);
  });
});
