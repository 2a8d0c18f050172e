import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, error, type Reply } from "../../src/base/reply.ts";
import { MAX_UNREACHED_SENTINELS } from "../../src/core/defaults.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const OTHER_ID = "c".repeat(40);
const CHANNEL = "__sentinel__:hello";
const SENTINELS = [PEER_ID, OTHER_ID].map((runId, i) => ({
  host: "10.0.0.1",
  port: 26380 + i,
  runId,
}));

const said = (sentinel: LoneSentinel, pattern: RegExp) =>
  sentinel.effects.filter((one) => one.type === "log" && pattern.test(one.text)).length;

const check = (sentinel: LoneSentinel) => {
  sentinel.ask("SENTINEL", "CKQUORUM", "mymaster");
  sentinel.pass(400);
  return `${plain(sentinel.replyTo(sentinel.lastClient))}`;
};

function knowing(master: Partial<typeof PLAIN_MASTER> = {}): LoneSentinel {
  return new LoneSentinel({ masters: [{ ...PLAIN_MASTER, sentinels: SENTINELS, ...master }] });
}

describe("Sentinels that refuse what elections need [D-TOLD]", () => {
  const refuse = (args: readonly string[]): Reply =>
    ["SENTINEL", "PUBLISH"].includes(args[0] ?? "")
      ? error("NOPERM User peer has no permissions")
      : healthyMaster(args);

  it("are named while all is well, once each for questions and hellos, and do not count", () => {
    const sentinel = knowing();
    sentinel.live(30, (args, port) => (port === 6379 ? healthyMaster(args) : refuse(args)));
    assert.equal(said(sentinel, /is-master-down-by-addr, or/), 2);
    assert.equal(said(sentinel, /PUBLISH to __sentinel__:hello, or/), 2);
    assert.match(check(sentinel), /^-NOQUORUM 1 usable Sentinels.*refuses: NOPERM/);
  });

  it("count again when they answer", () => {
    const sentinel = knowing({ downAfterMs: 1_000 });
    let isAllowed = false;
    const server = (args: readonly string[], port: number): Reply | null => {
      if (port === 6379) return isAllowed ? null : healthyMaster(args);
      if (!isAllowed) return refuse(args);
      if (args[1] !== "is-master-down-by-addr") return healthyMaster(args);
      return {
        type: "array",
        items: [{ type: "integer", value: 0 }, bulk("*"), { type: "integer", value: 0 }],
      };
    };
    sentinel.live(3, server);
    assert.match(check(sentinel), /^-NOQUORUM/);
    isAllowed = true;
    sentinel.live(5, server);
    assert.match(check(sentinel), /^OK 3/);
  });
});

describe("too few Sentinels for a failover", () => {
  it("are counted in one line each time the master is down", () => {
    const sentinel = knowing({ downAfterMs: 1_000 });
    let isDead = true;
    const server = (args: readonly string[], port: number) =>
      port === 6379 && !isDead ? healthyMaster(args) : null;
    const pattern = /No failover: 1 of 3 Sentinels of mymaster answer.*quorum 2, majority 2/;
    for (let i = 0; i < 100; i++) sentinel.pass(100);
    assert.equal(said(sentinel, pattern), 1);
    isDead = false;
    sentinel.live(3, server);
    isDead = true;
    sentinel.live(10, server);
    assert.equal(said(sentinel, pattern), 2);
  });
});

describe("a master that was made a replica of a foreign server", () => {
  it("is named with whom it follows, once", () => {
    const sentinel = new LoneSentinel();
    const info = "role:slave\r\nmaster_host:10.9.9.9\r\nmaster_port:6390\r\n";
    sentinel.live(40, (args) => (args[0] === "INFO" ? bulk(info) : healthyMaster(args)));
    assert.equal(said(sentinel, /127.0.0.1:6379, is a replica of 10.9.9.9:6390, none of its/), 1);
  });

  it("is not named if that one is its own replica", () => {
    const replicas = [{ host: "10.9.9.9", port: 6390 }];
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }] });
    const info = "role:slave\r\nmaster_host:10.9.9.9\r\nmaster_port:6390\r\n";
    sentinel.live(40, (args) => (args[0] === "INFO" ? bulk(info) : healthyMaster(args)));
    assert.equal(said(sentinel, /is a replica of 10/), 0);
  });
});

describe("a master at a loopback address [D-LOOPBACK]", () => {
  const hello = (host: string, masterHost: string, epoch: number) =>
    [host, 26380, PEER_ID, epoch, "mymaster", masterHost, 6379, epoch].join(",");

  it("is not believed of a Sentinel that runs elsewhere", () => {
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, host: "10.0.0.9" }] });
    for (const host of ["127.0.0.1", "127.9.9.9", "::1"]) {
      sentinel.ask("PUBLISH", CHANNEL, hello("10.0.0.1", host, 5));
      assert.equal(sentinel.master.address.host, "10.0.0.9");
    }
    assert.equal(said(sentinel, /Sentinel b+ at 10.0.0.1:26380 names 127.0.0.1:6379/), 1);
    // The epoch is not used up: the right hello counts.
    sentinel.ask("PUBLISH", CHANNEL, hello("10.0.0.1", "10.0.0.8", 5));
    assert.equal(sentinel.master.address.host, "10.0.0.8");
  });

  it("is believed of one that runs here", () => {
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, host: "10.0.0.9" }] });
    sentinel.ask("PUBLISH", CHANNEL, hello("127.0.0.1", "127.0.0.1", 5));
    assert.equal(sentinel.master.address.host, "127.0.0.1");
  });

  it("is told to the operator who monitors it, once Sentinels elsewhere are heard", () => {
    const sentinel = new LoneSentinel();
    sentinel.ask("PUBLISH", CHANNEL, hello("10.0.0.1", "10.0.0.9", 0));
    assert.equal(said(sentinel, /We name 127.0.0.1:6379 the master of mymaster, which means/), 1);
  });
});

describe("Sentinels that nobody reached [D-UNREACHED]", () => {
  const forge = (sentinel: LoneSentinel, count: number) => {
    for (let i = 0; i < count; i++) {
      const id = `${i}`.padStart(40, "d");
      const text = ["10.66.0.1", 1 + i, id, 0, "mymaster", "127.0.0.1", 6379, 0].join(",");
      sentinel.ask("PUBLISH", CHANNEL, text);
    }
  };

  it("are taken up to a cap, and told with what they do to the majority", () => {
    const sentinel = knowing();
    forge(sentinel, 400);
    assert.equal(sentinel.master.sentinels.size, SENTINELS.length + MAX_UNREACHED_SENTINELS);
    sentinel.pass(70_000);
    const needed = Math.floor((3 + MAX_UNREACHED_SENTINELS) / 2) + 1;
    assert.equal(
      said(sentinel, new RegExp(`16 of 18 .* needs ${needed} votes.*RESET mymaster`)),
      1,
    );
  });

  it("count towards the majority, as a C Sentinel counts them", () => {
    const sentinel = knowing();
    forge(sentinel, 2);
    assert.match(check(sentinel), /^OK 5 usable/);
  });

  it("do not keep out those who answer", () => {
    const sentinel = new LoneSentinel();
    forge(sentinel, MAX_UNREACHED_SENTINELS - 1);
    const hello = ["10.0.0.1", 26380, PEER_ID, 0, "mymaster", "127.0.0.1", 6379, 0].join(",");
    sentinel.ask("PUBLISH", CHANNEL, hello);
    sentinel.live(1, (args, port) =>
      port === 26380 && args[1] === "MYID"
        ? bulk(PEER_ID)
        : port < 6379
          ? null
          : healthyMaster(args),
    );
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.identity, "confirmed");
    forge(sentinel, 400);
    assert.equal(sentinel.master.sentinels.size, 1 + MAX_UNREACHED_SENTINELS);
  });
});
