import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, bulk, error, integer, type Reply } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, OWN_ID, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const OTHER_ID = "c".repeat(40);
const SENTINELS = [PEER_ID, OTHER_ID].map((runId, i) => ({
  host: "127.0.0.1",
  port: 26380 + i,
  runId,
}));

/** Port 6379 is dead; the Sentinels answer what the test says. */
function withDeadMaster(
  answer: (port: number, args: readonly string[]) => Reply | null,
  config: ConstructorParameters<typeof LoneSentinel>[0] = {},
) {
  const masters = [{ ...PLAIN_MASTER, downAfterMs: 1_000, sentinels: SENTINELS }];
  const sentinel = new LoneSentinel({ masters, ...config });
  const server = (args: readonly string[], port: number) => {
    if (port === 6379) return null;
    return args[1] === "is-master-down-by-addr" ? answer(port, args) : healthyMaster(args);
  };
  return { sentinel, server };
}

const questions = (sentinel: LoneSentinel) =>
  sentinel.sent.filter((one) => one.includes("is-master-down-by-addr"));
const vote = (down: number, leader: string, epoch: number) =>
  array([integer(down), bulk(leader), integer(epoch)]);

describe("a peer that refuses the question", () => {
  it("is asked again once per ask-period, not without pause", () => {
    const refuse = () => error("NOPERM User peer has no permissions");
    const { sentinel, server } = withDeadMaster(refuse);
    sentinel.live(10, server);
    const asked = questions(sentinel).length;
    assert.ok(asked >= 8 && asked <= 26, `${asked}`);
  });
});

describe("an epoch", () => {
  const told = (sentinel: LoneSentinel, name: string) =>
    sentinel.events.filter((one) => one.startsWith(name)).length;

  it("is not lost for want of an answer: that Sentinel may have voted for another", () => {
    const { sentinel, server } = withDeadMaster((port, args) => {
      if (args[5] === "*") return vote(1, "*", 0);
      return port === 26380 ? vote(1, PEER_ID, Number(args[4])) : error("NOPERM no");
    });
    sentinel.live(8, server);
    assert.equal(told(sentinel, "+try-failover"), 1);
    assert.equal(told(sentinel, "-failover-abort-not-elected"), 0);
  });

  it("is lost when everybody voted for somebody else than the others did, and retried soon", () => {
    const { sentinel, server } = withDeadMaster((port, args) => {
      if (args[5] === "*") return vote(1, "*", 0);
      return vote(1, port === 26380 ? PEER_ID : OTHER_ID, Number(args[4]));
    });
    sentinel.live(5, server);
    assert.ok(told(sentinel, "+try-failover") > 1);
  });

  it("that somebody won is not taken for lost because a voter switched already", () => {
    let switched = false;
    const { sentinel, server } = withDeadMaster((port, args) => {
      if (args[5] === "*") return vote(1, "*", 0);
      if (switched && port === 26381) return vote(0, "*", 0);
      return vote(1, PEER_ID, Number(args[4]));
    });
    sentinel.live(3, server);
    switched = true;
    sentinel.live(5, server);
    assert.equal(sentinel.master.sentinels.get(OTHER_ID)?.leader, PEER_ID);
    assert.equal(told(sentinel, "+try-failover"), 1);
  });
});

describe("two names for one address", () => {
  it("give one vote in an epoch", () => {
    const masters = ["m1", "m2"].map((name) => ({ ...PLAIN_MASTER, name }));
    const sentinel = new LoneSentinel({ masters, currentEpoch: 1n });
    sentinel.beginAnew((state) => {
      const second = state.masters.get("m2");
      assert.ok(second);
      second.leader = OWN_ID;
      second.leaderEpoch = 2n;
      state.currentEpoch = 2n;
    });
    const reply = sentinel.ask(
      ...["SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "2", PEER_ID],
    );
    assert.deepEqual(plain(reply), [0, OWN_ID, 2]);
  });
});

describe("a replica whose subscription is refused [D-SUBSCRIPTION]", () => {
  it("can be promoted all the same", () => {
    const replicas = [{ host: "127.0.0.1", port: 6380 }];
    const masters = [{ ...PLAIN_MASTER, downAfterMs: 1_000, quorum: 1, replicas }];
    const sentinel = new LoneSentinel({ masters });
    sentinel.live(5, (args, port) => {
      if (port === 6379) return null;
      if (args[0] === "SUBSCRIBE") return error("NOPERM No permissions to access a channel");
      if (args[0] === "INFO") return bulk("role:slave\r\nmaster_link_status:up\r\n");
      return healthyMaster(args);
    });
    assert.ok(sentinel.sent.includes("SLAVEOF NO ONE"), sentinel.events.join("\n"));
  });
});

describe("lost elections", () => {
  it("of an incident that is over do not count in the next one", () => {
    const sentinel = new LoneSentinel();
    sentinel.master.lostElections = 6;
    sentinel.master.odown = true;
    sentinel.pass(100);
    assert.equal(sentinel.master.lostElections, 0);
  });
});

describe("SENTINEL FAILOVER among Sentinels that do not know its master any more", () => {
  const REPLICAS = [6390, 6391];

  /** They have moved to another one in its epoch, and answer `*`; their hello is still under way. */
  function forced() {
    const replicas = REPLICAS.map((port) => ({ host: "127.0.0.1", port }));
    const masters = [{ ...PLAIN_MASTER, sentinels: SENTINELS, replicas }];
    const sentinel = new LoneSentinel({ masters });
    let promoted = 0;
    const server = (args: readonly string[], port: number): Reply | null => {
      if (args[1] === "is-master-down-by-addr") return vote(0, "*", 0);
      if (args[0] === "SLAVEOF" && args[1] === "NO") promoted = port;
      if (args[0] !== "INFO" || !REPLICAS.includes(port)) return healthyMaster(args);
      const role =
        port === promoted ? "master" : "slave\r\nmaster_host:127.0.0.1\r\nmaster_port:6379";
      return bulk(`run_id:${`${port}`.repeat(10)}\r\nrole:${role}\r\nslave_priority:100\r\n`);
    };
    sentinel.live(3, server);
    assert.equal(plain(sentinel.ask("SENTINEL", "FAILOVER", PLAIN_MASTER.name)), "OK");
    sentinel.live(0.4, server);
    assert.notEqual(promoted, 0);
    return { sentinel, server };
  }

  const isNamed = ({ events }: LoneSentinel) =>
    events.some((one) => one.startsWith("+promoted-slave"));

  it("does not name a second master in the epoch of the first", () => {
    const { sentinel, server } = forced();
    assert.equal(isNamed(sentinel), false);
    const { name } = PLAIN_MASTER;
    const hello = ["127.0.0.1", 26380, PEER_ID, 1, name, "127.0.0.1", 6391, 1].join(",");
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello);
    sentinel.live(3, server);
    assert.equal(isNamed(sentinel), false, sentinel.events.join("\n"));
    assert.equal(sentinel.master.address.port, 6391);
  });

  it("names its own after half a second", () => {
    const { sentinel, server } = forced();
    sentinel.live(0.4, server);
    assert.ok(isNamed(sentinel), sentinel.events.join("\n"));
  });
});
