import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const OTHER_ID = "c".repeat(40);
const REPLICAS = [6380, 6381].map((port) => ({ host: "127.0.0.1", port }));
const twice = ["a", "b"].map((name) => ({ ...PLAIN_MASTER, name, replicas: REPLICAS }));

function hello(name: string, masterPort: number, epoch: number): string {
  return ["127.0.0.1", 26380, PEER_ID, epoch, name, "127.0.0.1", masterPort, epoch].join(",");
}

function askVote(sentinel: LoneSentinel, epoch: number, id: string, port = 6379): unknown {
  const words = ["is-master-down-by-addr", "127.0.0.1", `${port}`, `${epoch}`, id];
  return plain(sentinel.ask("SENTINEL", ...words));
}

function masterNamed(sentinel: LoneSentinel, name: string) {
  const found = sentinel.core.state.masters.get(name);
  assert.ok(found);
  return found;
}

describe("two names for one server [D-NAMESAKES]", () => {
  it("give one vote in an epoch, also when one of them moves on in the middle", () => {
    const sentinel = new LoneSentinel({ masters: twice });
    assert.deepEqual(askVote(sentinel, 5, PEER_ID), [0, PEER_ID, 5]);
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello("a", 6390, 4));
    assert.equal(masterNamed(sentinel, "a").address.port, 6390);
    assert.equal(masterNamed(sentinel, "b").address.port, 6379);
    assert.deepEqual(askVote(sentinel, 5, OTHER_ID), [0, PEER_ID, 5]);
    assert.deepEqual(askVote(sentinel, 6, OTHER_ID), [0, OTHER_ID, 6]);
  });

  it("give one vote while one of them leads and the other has moved along", () => {
    const impatient = { quorum: 1, downAfterMs: 1_000, failoverTimeoutMs: 60_000 };
    const masters = twice.map((one) => ({ ...one, ...impatient }));
    const sentinel = new LoneSentinel({ masters });
    const isPromoted = () => sentinel.events.some((one) => one.startsWith("+promoted-slave"));
    let role = "slave";
    sentinel.live(10, (args, port) => {
      if (port === 6379) return null;
      if (port === 6380 && args[0] === "SLAVEOF") role = "master";
      // The other replica never follows, so that the failover goes on.
      return args[0] === "INFO" ? info(port === 6380 ? role : "slave", port) : healthyMaster(args);
    });
    assert.ok(isPromoted(), sentinel.events.join("\n"));
    const [follows, leads] = ["a", "b"].map((name) => masterNamed(sentinel, name));
    assert.deepEqual([leads?.address.port, leads?.failover?.step], [6379, "reconf_slaves"]);
    assert.equal(follows?.address.port, 6380);
    assert.deepEqual(askVote(sentinel, 50, PEER_ID, 6380), [0, PEER_ID, 50]);
    assert.deepEqual(askVote(sentinel, 50, OTHER_ID, 6379), [1, PEER_ID, 50]);
    assert.deepEqual(askVote(sentinel, 51, OTHER_ID, 6379), [1, OTHER_ID, 51]);
    assert.deepEqual(askVote(sentinel, 51, PEER_ID, 6380), [0, OTHER_ID, 51]);
    const epochs = sentinel.core.config().masters.map(({ leaderEpoch }) => leaderEpoch);
    assert.deepEqual(epochs, [51n, 51n]);
  });

  it("keep the vote of each on disk", () => {
    const sentinel = new LoneSentinel({ masters: twice });
    askVote(sentinel, 5, PEER_ID);
    const epochs = sentinel.core.config().masters.map(({ leaderEpoch }) => leaderEpoch);
    assert.deepEqual(epochs, [5n, 5n]);
  });

  it("move together to a server that both know", () => {
    const sentinel = new LoneSentinel({ masters: twice });
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello("a", 6381, 3));
    const moved = masterNamed(sentinel, "b");
    assert.deepEqual([moved.address.port, moved.configEpoch], [6381, 3n]);
    // Not by an older configuration.
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello("b", 6380, 4));
    const first = masterNamed(sentinel, "a");
    assert.deepEqual([first.address.port, first.configEpoch], [6380, 4n]);
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello("a", 6379, 3));
    assert.equal(masterNamed(sentinel, "b").address.port, 6380);
  });

  it("move together also when one of them knows no replica, as after RESET while their master is down", () => {
    const sentinel = new LoneSentinel({ masters: twice });
    sentinel.ask("SENTINEL", "RESET", "b");
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello("a", 6381, 3));
    const moved = masterNamed(sentinel, "b");
    assert.deepEqual([moved.address.port, moved.configEpoch], [6381, 3n]);
  });

  it("move back together when one of them is still on its way to the server that the other leaves", () => {
    const masters = twice.map((one) => ({ ...one, quorum: 1, failoverTimeoutMs: 60_000 }));
    const sentinel = new LoneSentinel({ masters });
    let role = "slave";
    const answer = (args: readonly string[], port: number): Reply => {
      if (port === 6380 && args[0] === "SLAVEOF") role = "master";
      // The other replica never follows, so that the failover goes on.
      if (args[0] !== "INFO" || port === 6379) return healthyMaster(args);
      return info(port === 6380 ? role : "slave", port);
    };
    sentinel.live(3, answer);
    sentinel.ask("SENTINEL", "FAILOVER", "a");
    sentinel.live(3, answer);
    const [leads, follows] = ["a", "b"].map((name) => masterNamed(sentinel, name));
    assert.equal(leads?.failover?.step, "reconf_slaves", sentinel.events.join("\n"));
    assert.equal(follows?.address.port, 6380);
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello("b", 6379, 50));
    assert.deepEqual([follows?.address.port, follows?.configEpoch], [6379, 50n]);
    assert.deepEqual([leads?.address.port, leads?.configEpoch, leads?.failover], [6379, 50n, null]);
    assert.equal(sentinel.core.config().masters[0]?.port, 6379);
  });

  it("do not when it may be by a wrong answer of a name server that they are at one address", () => {
    const masters = ["a", "b"].map((name) => ({ ...PLAIN_MASTER, name, host: `${name}.example` }));
    const sentinel = new LoneSentinel({ masters, resolveHostnames: true });
    for (const name of ["a", "b"]) {
      sentinel.step({ type: "resolved", host: `${name}.example`, ip: "127.0.0.1" });
    }
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello("a", 6381, 3));
    const ports = ["a", "b"].map((name) => masterNamed(sentinel, name).address.port);
    assert.deepEqual(ports, [6381, 6379]);
  });

  it("fail over together", () => {
    const masters = twice.map((one) => ({ ...one, quorum: 1, downAfterMs: 1_000 }));
    const sentinel = new LoneSentinel({ masters });
    const roles = new Map([
      [6380, "slave"],
      [6381, "slave"],
    ]);
    sentinel.live(30, (args, port) => {
      if (port === 6379) return null;
      if (args[0] === "SLAVEOF" && args[1] === "NO") roles.set(port, "master");
      if (args[0] === "SLAVEOF" && args[1] !== "NO") roles.set(port, "slave");
      return args[0] === "INFO" ? info(roles.get(port) ?? "slave", port) : healthyMaster(args);
    });
    const ports = ["a", "b"].map((name) => masterNamed(sentinel, name).address.port);
    assert.equal(new Set(ports).size, 1, sentinel.events.join("\n"));
    assert.equal([...roles.values()].filter((role) => role === "master").length, 1);
  });
});

function info(role: string, port: number, upstream = 6379): Reply {
  const lines = [`run_id:${`${port}`.repeat(10)}`, `role:${role}`];
  if (role === "slave")
    lines.push("master_host:127.0.0.1", `master_port:${upstream}`, "slave_priority:100");
  return bulk(`${lines.join("\r\n")}\r\n`);
}

describe("a server that is the master of one name and known to another as a replica", () => {
  /** b's master 6390 knows a's master 6379 as its replica. */
  function sharing(role: string, config: Partial<typeof PLAIN_MASTER> = {}) {
    const replicas = [{ host: "127.0.0.1", port: 6379 }];
    const b = { ...PLAIN_MASTER, name: "b", port: 6390, replicas, quorum: 1, ...config };
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, name: "a" }, b] });
    const told: string[] = [];
    let isDead = false;
    const answer = (args: readonly string[], port: number): Reply | null => {
      if (isDead && port === 6390) return null;
      if (port === 6379 && args[0] === "SLAVEOF") told.push(args.join(" "));
      return args[0] === "INFO"
        ? info(port === 6379 ? role : "master", port, 6399)
        : healthyMaster(args);
    };
    const kill = () => {
      isDead = true;
    };
    return { sentinel, told, answer, kill };
  }

  const warnings = (sentinel: LoneSentinel) =>
    sentinel.effects.filter((one) => one.type === "log" && /is left alone/.test(one.text)).length;

  it("is not made a replica, and that is said once", () => {
    const { sentinel, told, answer } = sharing("master");
    sentinel.live(60, answer);
    assert.deepEqual(told, []);
    assert.equal(warnings(sentinel), 1);
  });

  it("is not pointed elsewhere", () => {
    const { sentinel, told, answer } = sharing("slave", { failoverTimeoutMs: 1_000, port: 6395 });
    sentinel.live(60, answer);
    assert.deepEqual(told, []);
    assert.equal(warnings(sentinel), 1);
  });

  it("is not promoted", () => {
    for (const role of ["slave", "master"]) {
      const { sentinel, told, answer, kill } = sharing(role, {
        downAfterMs: 1_000,
        failoverTimeoutMs: 30_000,
      });
      sentinel.live(2, answer);
      kill();
      sentinel.live(40, answer);
      assert.ok(sentinel.events.some((one) => one.startsWith("+try-failover")));
      assert.deepEqual(told, [], role);
    }
  });
});

describe("two names of one group that were moved apart [D-NAMESAKES]", () => {
  const [, third] = REPLICAS;
  const at = (port: number) => [{ host: "127.0.0.1", port }, ...(third ? [third] : [])];
  /** Each knows the other's master as its replica, and points the third server at its own. */
  function apart(epochs: readonly [bigint, bigint]) {
    const plain = { ...PLAIN_MASTER, failoverTimeoutMs: 3_000 };
    const a = { ...plain, name: "a", replicas: at(6390), configEpoch: epochs[0] };
    const b = { ...plain, name: "b", port: 6390, replicas: at(6379), configEpoch: epochs[1] };
    const sentinel = new LoneSentinel({ masters: [a, b], currentEpoch: 9n });
    const upstream = new Map([[6381, 6390]]);
    const orders: string[] = [];
    sentinel.live(60, (args, port) => {
      if (args[0] === "SLAVEOF") {
        orders.push(`${port}: ${args.join(" ")}`);
        upstream.set(port, Number(args[2]));
      }
      const followed = upstream.get(port);
      const role = followed === undefined ? "master" : "slave";
      return args[0] === "INFO" ? info(role, port, followed) : healthyMaster(args);
    });
    const named = ["a", "b"].map((name) => masterNamed(sentinel, name));
    return { orders, named: named.map(({ address, configEpoch }) => [address.port, configEpoch]) };
  }

  it("become one at the master of the newer configuration", () => {
    for (const [epochs, port] of [
      [[3n, 5n], 6390],
      [[5n, 3n], 6379],
    ] as const) {
      const { named, orders } = apart(epochs);
      assert.deepEqual(named, [
        [port, 5n],
        [port, 5n],
      ]);
      assert.ok(orders.length <= 4, orders.join("\n"));
    }
  });

  it("stay where they are while neither is newer", () => {
    assert.deepEqual(apart([5n, 5n]).named, [
      [6379, 5n],
      [6390, 5n],
    ]);
  });

  it("become one where the master of the newer configuration follows the other", () => {
    const plain = { ...PLAIN_MASTER, quorum: 1, downAfterMs: 1_000, failoverTimeoutMs: 20_000 };
    const a = { ...plain, name: "a", replicas: at(6390), configEpoch: 3n };
    const b = { ...plain, name: "b", port: 6390, replicas: at(6379), configEpoch: 5n };
    const sentinel = new LoneSentinel({ masters: [a, b], currentEpoch: 9n });
    sentinel.live(60, (args, port) => {
      if (args[0] !== "INFO") return healthyMaster(args);
      if (port === 6379) return info("master", port);
      return bulk(`${textOf(info("slave", port, 6379))}master_link_status:up\r\n`);
    });
    const ports = ["a", "b"].map((name) => masterNamed(sentinel, name).address.port);
    assert.deepEqual(ports, [6379, 6379], sentinel.events.join("\n"));
  });
});

function textOf(reply: Reply): string {
  return "text" in reply ? reply.text : "";
}
