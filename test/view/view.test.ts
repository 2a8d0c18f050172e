import assert from "node:assert/strict";
import { test } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { MASTER_SETTINGS, SETTING_FIELDS } from "../../src/core/master-settings.ts";
import type { MasterView, ReplicaView } from "../../src/view/types.ts";
import { View } from "../../src/view/view.ts";
import { healthyMaster, LoneSentinel, OWN_ID, PEER_ID, PLAIN_MASTER } from "../core/harness.ts";
import { SimCluster } from "../sim/cluster.ts";

const VERSIONS = { redis: "7.4.0", own: "1.2.3" };

function viewOf(sentinel: LoneSentinel): View {
  return new View(sentinel.core.state, VERSIONS);
}

function masterOf(sentinel: LoneSentinel): MasterView {
  // As plain objects, to compare.
  return structuredClone(viewOf(sentinel).master("mymaster", sentinel.now)) ?? assert.fail();
}

const ID = "7".repeat(40);
const MASTER_INFO =
  "# Server\r\nredis_version:7.0.15\r\nrun_id:{id}\r\nrole:master\r\n" +
  "slave0:ip=10.0.0.2,port=6379,state=online,offset=900,lag=0\r\n" +
  `master_replid:${ID}\r\nmaster_repl_offset:1000\r\n`;
const REPLICA_INFO =
  "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\nrun_id:{id}\r\n" +
  "role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\n" +
  `slave_priority:100\r\nslave_repl_offset:900\r\nmaster_replid:${ID}\r\nmaster_repl_offset:900\r\n`;

/** One master on port 6379 with replicas on 6380 and 6381, of which the last is never promoted. */
function servers(args: readonly string[], port: number): Reply {
  if (args[0] !== "INFO") return healthyMaster(args);
  const text = port === 6379 ? MASTER_INFO : REPLICA_INFO;
  const own = text.replace("{id}", String(port % 10).repeat(40));
  return bulk(port === 6381 ? own.replace("slave_priority:100", "slave_priority:0") : own);
}

function watching(): LoneSentinel {
  const replicas = [6380, 6381].map((port) => ({ host: "10.0.0.2", port }));
  const sentinels = [{ host: "10.0.0.9", port: 26379, runId: PEER_ID }];
  const master = { ...PLAIN_MASTER, host: "10.0.0.1", replicas, sentinels, authPass: "s3cret" };
  const sentinel = new LoneSentinel({ masters: [master] });
  sentinel.step({ type: "start" });
  sentinel.live(3, servers);
  return sentinel;
}

test("the Sentinel itself: epoch, tilt, save, settings without secrets", () => {
  const sentinel = watching();
  const { core, now } = sentinel;
  core.state.settings.sentinelPass = "s3cret";
  assert.deepEqual(viewOf(sentinel).sentinel(now), {
    runId: OWN_ID,
    versions: VERSIONS,
    currentEpoch: 0n,
    tilt: { forMs: null, count: 0 },
    save: { failedMs: null, tookMs: 0, isOwed: false },
    settings: {
      denyScriptsReconfig: true,
      resolveHostnames: false,
      announceHostnames: false,
      announceIp: null,
      announcePort: 0,
      sentinelUser: null,
      hasSentinelPass: true,
    },
    scripts: { running: 0, waiting: 0 },
    simulatedFailures: 0,
    standingTrouble: null,
    masters: ["mymaster"],
  });
});

test("TILT and a disk that is full are seen", () => {
  const sentinel = watching();
  sentinel.now += 5_000;
  sentinel.step({ type: "tick" });
  sentinel.canSave = false;
  sentinel.ask("SENTINEL", "SET", "mymaster", "quorum", "1");
  sentinel.now += 70;
  const { tilt, save } = viewOf(sentinel).sentinel(sentinel.now);
  assert.deepEqual(tilt, { forMs: 70, count: 1 });
  assert.equal(save.failedMs, 70);
  assert.equal(save.isOwed, true);
  const { usable, lacks } = masterOf(sentinel).quorum;
  assert.equal(usable, 1);
  assert.match(lacks.join(), /This Sentinel cannot save: gives no votes/);
});

test("a master: place, versions, quorum, and no password", () => {
  const sentinel = watching();
  const { replicas, sentinels, ...master } = masterOf(sentinel);
  assert.deepEqual(master, {
    name: "mymaster",
    host: "10.0.0.1",
    port: 6379,
    flags: ["master"],
    downMs: null,
    answeredMs: sentinel.now - sentinel.master.link.lastValidPongAt,
    trouble: null,
    runId: "9".repeat(40),
    version: "7.0.15",
    infoMs: sentinel.now - (sentinel.master.infoAt ?? 0),
    role: "master",
    roleMs: 3_000,
    offset: 1000n,
    history: ID,
    isLoading: false,
    clientsGoTo: { host: "10.0.0.1", port: 6379 },
    configEpoch: 0n,
    objectivelyDownMs: null,
    downReason: null,
    nextAttemptMs: 0,
    lacksReplica: false,
    failover: null,
    pause: null,
    vote: { leader: null, epoch: 0n },
    quorum: { needed: 2, usable: 2, majority: 2, lacks: [], dispute: null },
    settings: {
      quorum: 2,
      downAfterMs: 5_000,
      failoverTimeoutMs: 60_000,
      parallelSyncs: 1,
      rebootDownAfterMs: 0,
      notificationScript: null,
      clientReconfigScript: null,
      authUser: null,
      hasAuthPass: true,
    },
  });
  assert.equal(replicas.length, 3);
  assert.equal(sentinels.length, 1);
});

test("a pause is seen until it ends", () => {
  const sentinel = watching();
  sentinel.ask("SENTINEL", "PAUSE", "mymaster", "2", "new", "kernel");
  sentinel.now += 500;
  assert.deepEqual(masterOf(sentinel).pause, { leftMs: 1_500, reason: "new kernel" });
  sentinel.now += 1_500;
  assert.equal(masterOf(sentinel).pause, null);
});

test("no setting that is secret is told", () => {
  const { settings } = masterOf(watching());
  const secret = SETTING_FIELDS.filter((field) => MASTER_SETTINGS[field].isSecret);
  assert.ok(secret.length > 0);
  assert.deepEqual(
    secret.filter((field) => field in settings),
    [],
  );
  assert.ok(!JSON.stringify(settings).includes("s3cret"));
});

test("replicas: lag, whom they follow, why one is not promoted, and who is next", () => {
  const sentinel = watching();
  const byPort = new Map(masterOf(sentinel).replicas.map((one) => [one.port, one]));
  const part = ({ version, follows, lagBytes, priority, unfitReason, isNext }: ReplicaView) => {
    return { version, follows, lagBytes, priority, unfitReason, isNext };
  };
  const same = {
    version: "valkey 8.1.0",
    follows: { host: "10.0.0.1", port: 6379 },
    lagBytes: 100n,
  };
  assert.deepEqual(part(byPort.get(6380) ?? assert.fail()), {
    ...{ ...same, priority: 100, unfitReason: null, isNext: true },
  });
  assert.deepEqual(part(byPort.get(6381) ?? assert.fail()), {
    ...{ ...same, priority: 0, unfitReason: "its priority is 0", isNext: false },
  });
});

test("a lag is told of one history only", () => {
  const sentinel = watching();
  const [replica] = sentinel.master.replicas.values();
  assert.ok(replica?.history);
  replica.history = { ...replica.history, id: "8".repeat(40) };
  assert.equal(masterOf(sentinel).replicas[0]?.lagBytes, null);
});

test("a Sentinel that was asked says what it thinks of the master", () => {
  const sentinel = watching();
  const [peer] = sentinel.master.sentinels.values();
  assert.ok(peer);
  assert.equal(masterOf(sentinel).sentinels[0]?.says, null);
  sentinel.deadPorts.add(6379);
  sentinel.live(8, (args, port) => (port === 6379 ? null : servers(args, port)));
  const { flags, objectivelyDownMs, downMs, sentinels } = masterOf(sentinel);
  assert.deepEqual(flags, ["s_down", "master"]);
  assert.equal(downMs, sentinel.now - (sentinel.master.sdownSince ?? 0));
  assert.equal(objectivelyDownMs, null);
  assert.equal(sentinels[0]?.says?.isDown, false);
});

test("nobody has the name: null", () => {
  assert.equal(viewOf(watching()).master("nosuch", 0), null);
});

test("a failover is seen with its steps, and the new master at once", () => {
  const cluster = new SimCluster({ seed: 3, replicas: 2 });
  cluster.settle();
  const [old] = cluster.groups[0]?.servers ?? [];
  assert.ok(old);
  const seen = new Set<string>();
  for (const sentinel of cluster.sentinels) {
    const view = new View(sentinel.core.state, VERSIONS);
    sentinel.onEvent.push(({ name }) => {
      const { failover } = view.master("mymaster", sentinel.now) ?? assert.fail();
      if (failover !== null) seen.add(failover.step);
      if (name === "+elected-leader") assert.equal(failover?.isForced, false);
      if (name === "+promoted-slave") assert.notEqual(failover?.promoted, null);
      if (name === "+failover-state-select-slave") assert.equal(failover?.electedMs, 0);
    });
  }
  cluster.network.kill(old);
  const now = cluster.awaitNewMaster(old, 30_000);
  assert.notEqual(now, null);
  assert.deepEqual([...seen].sort(), ["reconf_slaves", "wait_promotion", "wait_start"]);
  cluster.clock.advance(5_000);
  for (const sentinel of cluster.sentinels) {
    const view = new View(sentinel.core.state, VERSIONS);
    const master = view.master("mymaster", sentinel.now) ?? assert.fail();
    assert.notEqual(master.host, old.ip);
    assert.deepEqual(master.clientsGoTo, { host: master.host, port: master.port });
    assert.equal(master.configEpoch, 1n);
  }
});

test("to look changes nothing, and what was seen stays as it was", () => {
  const cluster = new SimCluster({ seed: 5, masters: 3, hasAlias: true });
  cluster.settle();
  for (const { core, now } of cluster.sentinels) {
    const view = new View(core.state, VERSIONS);
    const before = structuredClone(core.state.masters);
    const seen = view.masters(now);
    assert.deepEqual(structuredClone(core.state.masters), before);
    assert.deepEqual(
      seen,
      view.sentinel(now).masters.map((name) => view.master(name, now)),
    );
    const copy = structuredClone(seen);
    for (const master of core.state.masters.values()) master.link.trouble = "changed";
    assert.deepEqual(structuredClone(seen), copy);
  }
});
