import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, bulk, error, status } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const REPLICAS = [{ host: "127.0.0.1", port: 6380 }];

const asMaster = bulk(`run_id:${"2".repeat(40)}\r\nrole:master\r\n`);

describe("a server that refuses its role [D-REFUSES-ROLE]", () => {
  it("is told again after an INFO period, not without pause", () => {
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas: REPLICAS }] });
    sentinel.live(60, (args, port) => {
      if (args[0] === "EXEC") return error("EXECABORT Transaction discarded");
      return args[0] === "INFO" && port === 6380 ? asMaster : healthyMaster(args);
    });
    const told = sentinel.sent.filter((one) => one === "EXEC").length;
    assert.ok(told >= 2 && told <= 6, `${told}`);
    const warned = sentinel.effects.filter(
      (one) => one.type === "log" && one.text.includes("EXECABORT"),
    );
    assert.equal(warned.length, told);
  });
});

describe("a replica record at the master's own address", () => {
  it("is not made from a file, and the file is written without it", () => {
    const replicas = [{ host: "127.0.0.1", port: 6379 }];
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }] });
    assert.equal(sentinel.master.replicas.size, 0);
    assert.deepEqual(sentinel.core.config().masters[0]?.replicas, []);
  });
});

describe("a replica that names its master by a host name", () => {
  it("is looked up, not 'fixed', while names resolve", () => {
    const masters = [{ ...PLAIN_MASTER, failoverTimeoutMs: 3_000, replicas: REPLICAS }];
    const sentinel = new LoneSentinel({ resolveHostnames: true, masters });
    const asReplica = bulk("role:slave\r\nmaster_host:redis-0.local\r\nmaster_port:6379\r\n");
    sentinel.live(30, (args, port) =>
      args[0] === "INFO" && port === 6380 ? asReplica : healthyMaster(args),
    );
    assert.ok(
      sentinel.effects.some((one) => one.type === "resolve" && one.host === "redis-0.local"),
    );
    assert.ok(!sentinel.sent.some((one) => one.startsWith("SLAVEOF")));
  });
});

/** A leader whose promotion was observed: the promoted replica is at port 6380. */
function leaderInReconf(): LoneSentinel {
  const replicas = [...REPLICAS, { host: "127.0.0.1", port: 6381 }];
  const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }], currentEpoch: 1n });
  sentinel.beginAnew(({ masters }) => {
    const [master] = masters.values();
    assert.ok(master);
    const [promoted = null] = master.replicas.values();
    master.sdown = true;
    master.configEpoch = 1n;
    master.leaderEpoch = 1n;
    master.failover = {
      step: "reconf_slaves",
      stepSince: sentinel.now,
      epoch: 1n,
      forced: false,
      settles: false,
      coordinated: null,
      target: null,
      promoted,
      infoRequestedAt: null,
      isWaitingForReplica: false,
      isOldMasterTold: false,
      selectingSince: 0,
      epochSince: 0,
      ownVoteEpoch: 0n,
      foundAt: null,
      failed: new Map(),
    };
  });
  return sentinel;
}

describe("a leader in reconf_slaves", () => {
  const ask = (sentinel: LoneSentinel, port: string, epoch: string, id: string) =>
    plain(sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", port, epoch, id));

  it("does not call the new master down because the old one is", () => {
    const sentinel = leaderInReconf();
    assert.deepEqual(ask(sentinel, "6379", "1", "*"), [1, "*", 0]);
    assert.deepEqual(ask(sentinel, "6380", "1", "*"), [0, "*", 0]);
  });

  it("votes about the new master", () => {
    assert.deepEqual(ask(leaderInReconf(), "6380", "2", PEER_ID), [0, PEER_ID, 2]);
  });

  it("keeps the promotion when it is RESET [D-RESET-SAVED]", () => {
    const sentinel = leaderInReconf();
    assert.equal(plain(sentinel.ask("SENTINEL", "RESET", "*")), 1);
    assert.equal(sentinel.core.config().masters[0]?.port, 6380);
    assert.equal(sentinel.core.config().masters[0]?.configEpoch, 1n);
  });
});

describe("an answer that comes after a switch", () => {
  it("is no evidence about the new master [I13]", () => {
    const sentinels = [{ host: "127.0.0.1", port: 26380, runId: PEER_ID }];
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, sentinels }] });
    sentinel.live(8, (args) => (args[0] === "PUBLISH" ? healthyMaster(args) : null));
    const asked = sentinel.effects.findLast(
      (one) => one.type === "send" && one.args[1] === "is-master-down-by-addr",
    );
    assert.ok(asked?.type === "send", sentinel.events.join("\n"));
    const hello = `127.0.0.1,26380,${PEER_ID},3,mymaster,127.0.0.1,6390,3`;
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello);
    const reply = array([{ type: "integer", value: 1 }, bulk("*"), { type: "integer", value: 0 }]);
    sentinel.step({ ...asked, type: "reply", reply });
    assert.equal(sentinel.master.address.port, 6390);
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.masterDown, false);
  });
});

describe("epochs of others", () => {
  it("include the config epoch of a hello, which the next failover must exceed", () => {
    const sentinel = new LoneSentinel();
    const hello = `127.0.0.1,26380,${PEER_ID},3,mymaster,127.0.0.1,6379,50`;
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello);
    assert.equal(sentinel.core.state.currentEpoch, 50n);
  });
});

describe("a forced failover accepted in TILT", () => {
  it("goes on when TILT ends", () => {
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas: REPLICAS }] });
    const server = (args: readonly string[], port: number) =>
      args[0] === "INFO" && port === 6380
        ? bulk(
            "role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\n",
          )
        : healthyMaster(args);
    sentinel.live(3, server);
    sentinel.now += 3_000;
    sentinel.step({ type: "tick" });
    assert.deepEqual(plain(sentinel.ask("SENTINEL", "FAILOVER", "mymaster")), "OK");
    sentinel.live(35, (args, port) => (args[0] === "EXEC" ? status("OK") : server(args, port)));
    assert.ok(sentinel.events.some((one) => one.startsWith("+elected-leader")));
    assert.ok(!sentinel.events.some((one) => one.startsWith("-failover-abort-not-elected")));
  });
});
