import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { error, type Reply, status } from "../../src/base/reply.ts";
import { connectionId, requestId, scriptJobId } from "../support/ids.ts";
import { healthyMaster, LoneSentinel, OWN_ID, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

/** A Sentinel connected to a healthy master. */
function connected(config: ConstructorParameters<typeof LoneSentinel>[0] = {}): LoneSentinel {
  const sentinel = new LoneSentinel(config);
  sentinel.pass(100);
  sentinel.serve(healthyMaster);
  return sentinel;
}

describe("a new link", () => {
  it("names itself, pings, asks INFO, says hello and subscribes", () => {
    assert.deepEqual(connected().sent, [
      "CLIENT SETNAME sentinel-00000000-cmd",
      "PING",
      "INFO",
      `PUBLISH __sentinel__:hello 127.0.0.1,26379,${OWN_ID},0,mymaster,127.0.0.1,6379,0`,
      "CLIENT SETNAME sentinel-00000000-pubsub",
      "SUBSCRIBE __sentinel__:hello",
    ]);
  });

  it("says hello at once after a start, to a newly monitored master in its time [D-FIRST-HELLO]", () => {
    const sentinel = connected();
    const hellos = () => sentinel.sent.filter((one) => one.startsWith("PUBLISH")).length;
    assert.equal(hellos(), 1);
    sentinel.ask("SENTINEL", "REMOVE", "mymaster");
    sentinel.ask("SENTINEL", "MONITOR", "mymaster", "127.0.0.1", "6379", "2");
    sentinel.serve(healthyMaster);
    assert.equal(hellos(), 1);
    sentinel.live(3, healthyMaster);
    assert.equal(hellos(), 2);
  });

  it("authenticates first, under the names that the server knows", () => {
    const master = {
      ...PLAIN_MASTER,
      authUser: "sentinel",
      authPass: "pw",
      renamedCommands: [
        ["auth", "LOGIN"],
        ["subscribe", "LISTEN"],
      ] as const,
    };
    const sentinel = connected({ masters: [master] });
    assert.equal(sentinel.sent[0], "LOGIN sentinel pw");
    assert.equal(sentinel.sent.at(-1), "LISTEN __sentinel__:hello");
  });

  it("to a peer uses sentinel-pass, or our own password", () => {
    const peer = { host: "127.0.0.1", port: 26380, runId: PEER_ID };
    const masters = [{ ...PLAIN_MASTER, sentinels: [peer] }];
    for (const [config, requirepass, expected] of [
      [{ sentinelUser: "u", sentinelPass: "p" }, "own", "AUTH u p"],
      [{ sentinelPass: "p" }, "own", "AUTH p"],
      [{}, "own", "AUTH own"],
    ] as const) {
      const sentinel = new LoneSentinel({ ...config, masters }, requirepass);
      sentinel.pass(100);
      sentinel.serve(() => null);
      assert.ok(sentinel.sent.includes(expected), sentinel.sent.join("\n"));
    }
  });

  it("whose SUBSCRIBE is refused is closed and shown as disconnected", () => {
    const sentinel = connected();
    const subscribe = sentinel.effects.find((one) => one.type === "send" && one.subscribes);
    assert.ok(subscribe?.type === "send");
    const { connection, request } = subscribe;
    const reply = error("NOAUTH Authentication required.");
    sentinel.step({ type: "reply", connection, request, reply });
    assert.deepEqual(sentinel.effects.at(-2), { type: "disconnect", connection });
    assert.match(
      sentinel.events.at(-1) ?? "",
      /^-pubsub-link-reconnection .* #it refuses SUBSCRIBE: NOAUTH/,
    );
    assert.equal(sentinel.master.link.pubsub, null);
  });

  it("is opened again soon, and ever more seldom, up to a second [D-RECONNECT]", () => {
    for (const [downAfterMs, waitMs] of [
      [30_000, 1_000],
      [5_000, 500],
      [1_000, 100],
      [300, 100],
    ] as const) {
      const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, downAfterMs }] });
      const attempts: number[] = [];
      for (let i = 0; i < 500; i++) {
        sentinel.pass(10);
        for (const one of sentinel.effects.splice(0)) {
          if (one.type !== "connect") continue;
          if (one.purpose === "command") attempts.push(sentinel.now);
          sentinel.step({ type: "linkDown", connection: one.connection, reason: "refused" });
        }
      }
      const waits = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
      const first = waits[0] ?? 0;
      assert.ok(first >= waitMs && first <= waitMs + 60, `${downAfterMs}: ${waits}`);
      const isLonger = waits.every((wait, i) => i === 0 || wait >= (waits[i - 1] ?? 0) - 60);
      assert.ok(isLonger, `${downAfterMs}: ${waits}`);
      const last = waits.at(-1) ?? 0;
      const lastMs = sentinel.master.sdown ? 1_000 : Math.min(1_000, downAfterMs / 2);
      assert.ok(last >= lastMs && last <= lastMs + 60, `${downAfterMs}: ${waits}`);
    }
  });

  it("that is dropped right after it was opened makes nobody look down", () => {
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, downAfterMs: 1_000 }] });
    sentinel.pass(100);
    sentinel.serve(healthyMaster);
    sentinel.pass(20);
    const { command, pubsub } = sentinel.master.link;
    for (const one of [command, pubsub]) {
      sentinel.step({ type: "linkDown", connection: connectionId(one?.id ?? 0), reason: "killed" });
    }
    sentinel.live(3, healthyMaster);
    assert.deepEqual(
      sentinel.events.filter((one) => one.startsWith("+sdown")),
      [],
    );
    assert.equal(sentinel.master.link.command?.up, true);
  });

  it("shares the connections of a Sentinel that watches several masters with us", () => {
    const sentinels = [{ host: "127.0.0.1", port: 26380, runId: PEER_ID }];
    const masters = ["a", "b"].map((name, i) => ({
      ...PLAIN_MASTER,
      name,
      port: i + 1,
      sentinels,
    }));
    const sentinel = new LoneSentinel({ masters });
    sentinel.pass(100);
    const toPeer = sentinel.effects.filter((one) => one.type === "connect" && one.port === 26380);
    assert.equal(toPeer.length, 1);
  });
});

describe("thousands of instances", () => {
  it("are looked at some at a time, so that a start does not look like a stall", () => {
    const masters = Array.from({ length: 1_000 }, (_, i) => ({
      ...PLAIN_MASTER,
      name: `m${i}`,
      port: i + 1,
    }));
    const sentinel = new LoneSentinel({ masters });
    const opened = () => sentinel.effects.filter(({ type }) => type === "connect").length;
    let most = 0;
    for (let ticks = 0; opened() < 2_000; ticks++) {
      assert.ok(ticks < 20, `${opened()} connections`);
      const before = opened();
      assert.ok((sentinel.core.nextDueAt ?? Number.POSITIVE_INFINITY) <= sentinel.now);
      sentinel.step({ type: "tick" });
      most = Math.max(most, opened() - before);
    }
    assert.ok(most <= 128, `${most} at once`);
  });
});

describe("two connections lost at once", () => {
  const lose = (sentinel: LoneSentinel) => {
    const { command, pubsub } = sentinel.master.link;
    assert.ok(command && pubsub);
    for (const { id } of [pubsub, command]) {
      sentinel.step({ type: "linkDown", connection: id, reason: "killed" });
      sentinel.pass(60);
    }
  };

  it("are both opened again at once, as after CLIENT KILL", () => {
    const sentinel = connected();
    sentinel.live(2, healthyMaster);
    lose(sentinel);
    const { command, pubsub } = sentinel.master.link;
    assert.ok(command && pubsub);
  });

  it("show as disconnected to clients until both are up again [D-DISCONNECTED]", () => {
    const sentinel = connected();
    sentinel.live(2, healthyMaster);
    const flags = () => {
      const [fields] = plain(sentinel.ask("SENTINEL", "MASTERS")) as Record<string, string>[];
      return fields?.flags;
    };
    assert.equal(flags(), "master");
    lose(sentinel);
    assert.equal(flags(), "master,disconnected");
    sentinel.serve(healthyMaster);
    assert.equal(flags(), "master");
  });
});

describe("the connections of a replica", () => {
  const replicas = [{ host: "127.0.0.1", port: 6380 }];
  const flagsOf = (sentinel: LoneSentinel) => {
    const [fields] = plain(sentinel.ask("SENTINEL", "REPLICAS", "mymaster")) as Record<
      string,
      string
    >[];
    return fields?.flags;
  };
  const living = () => {
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }] });
    sentinel.live(2, healthyMaster);
    assert.equal(flagsOf(sentinel), "slave");
    return sentinel;
  };
  const loseAll = (sentinel: LoneSentinel) => {
    const [replica] = sentinel.master.replicas.values();
    const { command, pubsub } = replica?.link ?? {};
    for (const connection of [command, pubsub]) {
      assert.ok(connection);
      sentinel.step({ type: "linkDown", connection: connection.id, reason: "killed" });
    }
  };

  it("that were all ended show it as there: clients that were ended, too, ask at once", () => {
    const sentinel = living();
    loseAll(sentinel);
    assert.equal(flagsOf(sentinel), "slave");
    sentinel.pass(150);
    assert.equal(flagsOf(sentinel), "slave");
  });

  it("show it as disconnected as soon as it refuses one", () => {
    const sentinel = living();
    sentinel.deadPorts.add(6380);
    loseAll(sentinel);
    sentinel.live(1, healthyMaster);
    assert.equal(flagsOf(sentinel), "slave,disconnected");
  });

  it("show it as disconnected when the second is ended before it answered", () => {
    const sentinel = living();
    loseAll(sentinel);
    sentinel.pass(150);
    loseAll(sentinel);
    assert.equal(flagsOf(sentinel), "slave,disconnected");
  });
});

describe("a lost command connection", () => {
  it("is silence until the next answer, not until the next attempt to connect", () => {
    const sentinel = connected({ masters: [{ ...PLAIN_MASTER, downAfterMs: 1_000 }] });
    sentinel.live(2, healthyMaster);
    sentinel.serve(healthyMaster);
    const { command, pubsub } = sentinel.master.link;
    assert.ok(command && pubsub);
    // The subscription first: its reconnection puts that of the other off by a ping-period.
    sentinel.step({ type: "linkDown", connection: pubsub.id, reason: "reset" });
    sentinel.pass(60);
    sentinel.step({ type: "linkDown", connection: command.id, reason: "reset" });
    sentinel.effects.length = 0;
    sentinel.pass(3_000);
    assert.deepEqual(
      sentinel.events.filter((one) => one.includes("sdown")),
      ["+sdown master mymaster 127.0.0.1 6379"],
    );
  });
});

describe("SDOWN", () => {
  it("comes down-after after the first unanswered PING, and goes with the next answer", () => {
    const sentinel = connected();
    sentinel.pass(600);
    const pingAt = sentinel.master.link.pingPendingSince;
    assert.ok(pingAt !== null);
    while (!sentinel.master.sdown) sentinel.pass(1);
    assert.equal(sentinel.now - pingAt, 5_001);
    const pings = sentinel.effects.filter((one) => one.type === "send" && one.args[0] === "PING");
    const last = pings.at(-1);
    assert.ok(last?.type === "send");
    sentinel.step({ ...last, type: "reply", reply: status("PONG") });
    assert.equal(sentinel.events.at(-1), "-sdown master mymaster 127.0.0.1 6379");
  });

  for (const [reply, alive] of [
    [status("PONG"), true],
    [error("LOADING Redis is loading the dataset in memory"), true],
    [error("MASTERDOWN Link with MASTER is down"), true],
    [error("NOAUTH Authentication required."), false],
    [error("ERR unknown command 'PING'"), false],
  ] as const) {
    it(`${"text" in reply ? reply.text : reply.type} means ${alive ? "alive" : "nothing"}`, () => {
      const sentinel = new LoneSentinel();
      sentinel.pass(100);
      sentinel.serve((args): Reply => (args[0] === "PING" ? reply : healthyMaster(args)));
      assert.equal(sentinel.master.link.pingPendingSince === null, alive);
    });
  }

  it("of a busy script kills the script, once", () => {
    const sentinel = connected();
    sentinel.pass(7_000);
    assert.ok(sentinel.master.sdown);
    const pings = sentinel.effects.filter((one) => one.type === "send" && one.args[0] === "PING");
    for (const ping of pings.slice(-2)) {
      if (ping.type === "send") {
        sentinel.step({ ...ping, type: "reply", reply: error("BUSY Redis is busy") });
      }
    }
    assert.equal(sentinel.sent.filter((one) => one === "SCRIPT KILL").length, 1);
  });
});

describe("TILT", () => {
  it("is entered after a stall, suspends conclusions, and ends after its period", () => {
    const sentinel = connected();
    sentinel.now += 2_500;
    sentinel.step({ type: "tick" });
    assert.equal(sentinel.events.at(-1), "+tilt #tilt mode entered");
    sentinel.pass(29_900);
    assert.equal(sentinel.master.sdown, false);
    sentinel.pass(200);
    assert.ok(sentinel.events.includes("-tilt #tilt mode exited"));
    assert.ok(sentinel.master.sdown);
    assert.match(sentinel.info, /^sentinel_total_tilt:1\r$/m);
    sentinel.now += 2_500;
    sentinel.step({ type: "tick" });
    assert.match(
      sentinel.info,
      /^sentinel_tilt:1\r\nsentinel_tilt_since_seconds:0\r\nsentinel_total_tilt:2\r$/m,
    );
  });

  it("still grants votes, but never says that a master is down", () => {
    const sentinel = new LoneSentinel();
    sentinel.pass(6_000);
    const ask = (id: string) =>
      sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "1", id);
    sentinel.now += 5_000;
    sentinel.step({ type: "tick" });
    const reply = ask(PEER_ID);
    assert.ok(reply?.type === "array");
    assert.deepEqual(reply.items[0], { type: "integer", value: 0 });
    assert.deepEqual(reply.items[1], { type: "bulk", text: PEER_ID });
  });
});

describe("hostile or late news", () => {
  it("of unknown connections and requests changes nothing", () => {
    const sentinel = connected();
    const before = sentinel.effects.length;
    sentinel.step({ type: "linkUp", connection: connectionId(999), localIp: "127.0.0.1" });
    sentinel.step({ type: "linkDown", connection: connectionId(999), reason: "?" });
    sentinel.step({
      type: "reply",
      connection: connectionId(1),
      request: requestId(999),
      reply: status("PONG"),
    });
    sentinel.step({ type: "message", connection: connectionId(999), channel: "x", payload: "y" });
    sentinel.step({ type: "scriptExit", job: scriptJobId(999), exitCode: 0, signal: 0 });
    assert.equal(sentinel.effects.length, before);
  });

  it("of a removed master is ignored", () => {
    const sentinel = connected();
    sentinel.pass(1_100);
    const ping = sentinel.effects.filter((one) => one.type === "send").at(-1);
    sentinel.ask("SENTINEL", "REMOVE", "mymaster");
    const before = sentinel.effects.length;
    assert.ok(ping);
    sentinel.step({ ...ping, type: "reply", reply: status("PONG") });
    assert.equal(sentinel.effects.length, before);
    assert.equal(sentinel.core.state.connections.size, 0);
  });
});
