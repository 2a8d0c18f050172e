import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const BY_NAME = { resolveHostnames: true, announceHostnames: true };

function lookUps(sentinel: LoneSentinel, host: string): number {
  return sentinel.effects.filter((one) => one.type === "resolve" && one.host === host).length;
}

/** A master whose INFO names one replica by its host name. */
function masterWithNamedReplica(args: readonly string[], port: number): Reply | null {
  if (args[0] !== "INFO" || port !== 6379) return healthyMaster(args);
  return bulk("role:master\r\nslave0:ip=replica.example,port=6380,state=online\r\n");
}

describe("a replica's name that does not resolve at first [D-NAMES]", () => {
  it("is asked for again, and the replica taken up when it does", () => {
    const sentinel = new LoneSentinel({ resolveHostnames: true });
    sentinel.live(1, masterWithNamedReplica);
    assert.equal(lookUps(sentinel, "replica.example"), 1);
    sentinel.step({ type: "resolved", host: "replica.example", ip: null });
    sentinel.live(12, masterWithNamedReplica);
    assert.equal(lookUps(sentinel, "replica.example"), 2);
    sentinel.step({ type: "resolved", host: "replica.example", ip: "10.0.0.2" });
    sentinel.live(1, masterWithNamedReplica);
    assert.deepEqual([...sentinel.master.replicas.keys()], ["10.0.0.2:6380"]);
  });
});

describe("a name whose answers rotate", () => {
  it("is not looked up without pause while its host cannot be reached", () => {
    const masters = [{ ...PLAIN_MASTER, host: "redis.example" }];
    const sentinel = new LoneSentinel({ ...BY_NAME, masters });
    sentinel.step({ type: "start" });
    let answered = 0;
    for (let second = 0; second < 20; second++) {
      for (let i = answered; i < sentinel.effects.length && i < 5_000; i++) {
        const effect = sentinel.effects[i];
        answered = i + 1;
        if (effect?.type === "resolve") {
          const ip = `10.0.0.${1 + (i % 2)}`;
          sentinel.step({ type: "resolved", host: effect.host, ip });
        }
      }
      sentinel.pass(1_000);
    }
    assert.ok(lookUps(sentinel, "redis.example") <= 25, `${lookUps(sentinel, "redis.example")}`);
  });
});

describe("names that are none", () => {
  it("are refused at once, and nobody waits for them", () => {
    const sentinel = new LoneSentinel({ resolveHostnames: true });
    for (const host of ["b\u00c3\u00bccher.invalid", "a b", ""]) {
      const reply = plain(sentinel.ask("SENTINEL", "MONITOR", "z", host, "1", "1"));
      assert.equal(reply, "-ERR Invalid IP address or hostname specified", host);
    }
    assert.equal(sentinel.core.state.parked.length, 0);
  });

  it("in great number do not keep good ones from being looked up", () => {
    const sentinel = new LoneSentinel({ resolveHostnames: true });
    for (let i = 0; i < 10_050; i++) {
      const host = `n${i}.invalid`;
      sentinel.ask("SENTINEL", "is-master-down-by-addr", host, "1", "0", "*");
      sentinel.step({ type: "resolved", host, ip: null });
    }
    assert.equal(sentinel.ask("SENTINEL", "MONITOR", "z", "good.example", "1", "1"), undefined);
    const client = sentinel.lastClient;
    sentinel.step({ type: "resolved", host: "good.example", ip: "10.0.0.9" });
    assert.equal(plain(sentinel.replyTo(client)), "OK");
  });
});

describe("CONFIG SET resolve-hostnames no", () => {
  it("writes addresses from then on, so that the file loads", () => {
    const masters = [{ ...PLAIN_MASTER, host: "redis.example" }];
    const sentinel = new LoneSentinel({ ...BY_NAME, masters });
    sentinel.step({ type: "start" });
    sentinel.step({ type: "resolved", host: "redis.example", ip: "10.0.0.1" });
    assert.equal(sentinel.core.config().masters[0]?.host, "redis.example");
    const off = ["SENTINEL", "CONFIG", "SET", "resolve-hostnames", "no"];
    assert.equal(plain(sentinel.ask(...off)), "OK");
    assert.equal(sentinel.core.config().masters[0]?.host, "10.0.0.1");
  });

  it("is refused while an address is not known [D-RESOLVE-OFF]", () => {
    const masters = [{ ...PLAIN_MASTER, host: "redis.example" }];
    const sentinel = new LoneSentinel({ ...BY_NAME, masters });
    const off = ["SENTINEL", "CONFIG", "SET", "resolve-hostnames", "no"];
    assert.match(String(plain(sentinel.ask(...off))), /^-ERR .*'redis\.example' is not known/);
    assert.equal(sentinel.core.state.settings.resolveHostnames, true);
  });
});

describe("a name server that was wrong when a server was dialled [D-NAMES]", () => {
  const REPLICA = { host: "b.example", port: 6379 };
  const MASTERS = [{ ...PLAIN_MASTER, host: "a.example", replicas: [REPLICA] }];

  /** Both names are answered with the address of the replica. */
  function misled(): LoneSentinel {
    const sentinel = new LoneSentinel({ ...BY_NAME, masters: MASTERS });
    for (const host of ["a.example", "b.example"]) {
      sentinel.step({ type: "resolved", host, ip: "10.0.0.2" });
    }
    return sentinel;
  }

  function replicaOf(host: string) {
    return (args: readonly string[]): Reply => {
      const link = "master_port:6379\r\nmaster_link_status:up\r\n";
      const info = `run_id:${"2".repeat(40)}\r\nrole:slave\r\nmaster_host:${host}\r\n${link}`;
      return args[0] === "INFO" ? bulk(info) : healthyMaster(args);
    };
  }

  it("is asked again about who is not what it should be, and dials that one where it is", () => {
    const sentinel = misled();
    sentinel.live(3, replicaOf("a.example"));
    assert.equal(lookUps(sentinel, "a.example"), 1);
    sentinel.step({ type: "resolved", host: "a.example", ip: "10.0.0.1" });
    const { address, infoAt, lineage } = sentinel.master;
    assert.deepEqual({ ...address }, { host: "a.example", ip: "10.0.0.1", port: 6379 });
    assert.deepEqual([infoAt, lineage], [null, []], "what was heard was heard of another server");
    const dialled = sentinel.effects.findLast(({ type }) => type === "connect");
    assert.equal(dialled?.type === "connect" && dialled.ip, "10.0.0.1");
  });

  it("moves nobody who is what it should be", () => {
    const sentinel = new LoneSentinel({
      ...BY_NAME,
      masters: [{ ...PLAIN_MASTER, host: "a.example" }],
    });
    sentinel.step({ type: "resolved", host: "a.example", ip: "10.0.0.1" });
    sentinel.live(2, healthyMaster);
    sentinel.step({ type: "resolved", host: "a.example", ip: "10.0.0.2" });
    assert.equal(sentinel.master.address.ip, "10.0.0.1");
  });

  it("does not make a newer configuration one of the master that we have", () => {
    const sentinel = misled();
    sentinel.step({ type: "resolved", host: "127.0.0.1", ip: "127.0.0.1" });
    const words = ["127.0.0.1", 26380, "b".repeat(40), 4, "mymaster", "b.example", 6379, 4];
    sentinel.ask("PUBLISH", "__sentinel__:hello", words.join(","));
    assert.deepEqual(
      [sentinel.master.address.host, sentinel.master.configEpoch],
      ["b.example", 4n],
    );
  });

  it("does not make us say a vote about two masters of one address before it is saved for both", () => {
    const names = ["a", "b"].map((name) => ({ ...PLAIN_MASTER, name, host: `${name}.example` }));
    const sentinel = new LoneSentinel({ ...BY_NAME, masters: names });
    for (const [host, ip] of [
      ["a.example", "10.0.0.1"],
      ["b.example", "10.0.0.2"],
    ] as const) {
      sentinel.step({ type: "resolved", host, ip });
    }
    const question = ["is-master-down-by-addr", "a.example", "6379", "5", "b".repeat(40)];
    sentinel.ask("SENTINEL", ...question);
    sentinel.step({ type: "resolved", host: "b.example", ip: "10.0.0.1" });
    const { saves } = sentinel;
    sentinel.ask("SENTINEL", ...question);
    assert.equal(sentinel.saves, saves + 1);
    const epochs = sentinel.core.config().masters.map(({ leaderEpoch }) => leaderEpoch);
    assert.deepEqual(epochs, [5n, 5n]);
  });
});

describe("a master whose name leads back to where it is [D-NAMES]", () => {
  it("is not taken for the replica that was found in its place [I13]", () => {
    const masters = [{ ...PLAIN_MASTER, host: "one.example" }];
    const sentinel = new LoneSentinel({ ...BY_NAME, masters });
    const { master } = sentinel;
    const resolve = (ip: string) => sentinel.step({ type: "resolved", host: "one.example", ip });
    const follower = "role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\n";
    const answer = (info: string | null) => (args: readonly string[]) => {
      if (args[0] !== "INFO") return healthyMaster(args);
      return info === null ? null : bulk(info);
    };
    resolve("10.0.0.3");
    // Almost as long as a master may say that it is none.
    sentinel.live(1, answer(follower));
    assert.equal(master.roleReported, "slave");
    sentinel.live((master.downAfterMs + 20_000) / 1_000 - 2, answer(follower));
    assert.equal(master.sdown, false);
    resolve("10.0.0.1");
    assert.equal(master.address.ip, "10.0.0.1");
    sentinel.live(3, answer(null));
    assert.equal(master.sdown, false);
    sentinel.live(1, answer("role:master\r\n"));
    assert.equal(master.roleReported, "master");
  });
});

describe("a failover that began while a name was wrong [D-NAMES]", () => {
  it("ends when the master is found where it is, before anybody was told", () => {
    const replicas = [{ host: "10.0.0.2", port: 6380 }];
    const masters = [{ ...PLAIN_MASTER, host: "one.example", quorum: 1, replicas }];
    const sentinel = new LoneSentinel({ ...BY_NAME, masters });
    const { master } = sentinel;
    const resolve = (ip: string) => sentinel.step({ type: "resolved", host: "one.example", ip });
    const answer = (info: string) => (args: readonly string[], port: number) => {
      if (port !== 6379) return null;
      return args[0] === "INFO" ? bulk(info) : healthyMaster(args);
    };
    resolve("10.0.0.3");
    const follower = "role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\n";
    const seconds = (master.downAfterMs + 20_000) / 1_000 + 2;
    sentinel.live(seconds, answer(follower));
    assert.equal(master.failover?.step, "select_slave");
    resolve("10.0.0.1");
    sentinel.live(1, answer("role:master\r\n"));
    assert.equal(master.address.ip, "10.0.0.1");
    assert.equal(master.sdown, false);
    assert.equal(master.failover, null);
  });
});

describe("a replica that names its master by another name for the same address [D-NAMES]", () => {
  it("has that name looked up at each INFO, since a name server may have been wrong", () => {
    const replicas = [{ host: "two.example", port: 6379 }];
    const masters = [{ ...PLAIN_MASTER, host: "one.example", replicas }];
    const sentinel = new LoneSentinel({ ...BY_NAME, masters });
    const asked = () => lookUps(sentinel, "three.example");
    const resolve = (host: string, ip: string) =>
      sentinel.step({ type: "resolved", host: `${host}.example`, ip });
    resolve("one", "10.0.0.1");
    resolve("two", "10.0.0.2");
    const role = "role:slave\r\nmaster_host:three.example\r\nmaster_port:6379\r\n";
    const run = (seconds: number) =>
      sentinel.live(seconds, (args, _port) =>
        args[0] === "INFO" ? bulk(role) : healthyMaster(args),
      );
    run(12);
    assert.equal(asked(), 1);
    // It means the third server of the group, and for a while it was said to be the first one.
    resolve("three", "10.0.0.1");
    run(12);
    assert.equal(asked(), 2);
    resolve("three", "10.0.0.3");
    run(30);
    assert.equal(asked(), 2);
  });
});

describe("a replica whose name means the address of another server when INFO names it [D-NAMES]", () => {
  for (const [whose, wrong] of [
    ["the master's", "10.0.0.1"],
    ["another replica's", "10.0.0.2"],
  ] as const) {
    it(`is looked up once more, and taken up where it is: ${whose}`, () => {
      const replicas = [{ host: "two.example", port: 6379 }];
      const masters = [{ ...PLAIN_MASTER, host: "one.example", replicas }];
      const sentinel = new LoneSentinel({ ...BY_NAME, masters });
      const resolve = (host: string, ip: string) =>
        sentinel.step({ type: "resolved", host: `${host}.example`, ip });
      resolve("one", "10.0.0.1");
      resolve("two", "10.0.0.2");
      // As it was said before RESET.
      resolve("three", wrong);
      const names = ["two", "three"].map((name, at) => `slave${at}:ip=${name}.example,port=6379`);
      const run = (seconds: number) =>
        sentinel.live(seconds, (args, _port) =>
          args[0] === "INFO"
            ? bulk(`role:master\r\n${names.join("\r\n")}\r\n`)
            : healthyMaster(args),
        );
      run(12);
      assert.deepEqual([...sentinel.master.replicas.keys()], ["two.example:6379"]);
      assert.equal(lookUps(sentinel, "three.example"), 1);
      resolve("three", "10.0.0.3");
      run(2);
      const known = [...sentinel.master.replicas.keys()];
      assert.deepEqual(known, ["two.example:6379", "three.example:6379"]);
    });
  }
});

describe("a replica that is where another one is when INFO names that one [D-NAMES]", () => {
  it("is looked up once more, too, and makes room for it", () => {
    const masters = [{ ...PLAIN_MASTER, host: "one.example" }];
    const sentinel = new LoneSentinel({ ...BY_NAME, masters });
    const resolve = (name: string, ip: string) =>
      sentinel.step({ type: "resolved", host: `${name}.example`, ip });
    // As it was said before RESET: three is said to be where two is.
    for (const [name, ip] of [
      ["one", "10.0.0.1"],
      ["two", "10.0.0.2"],
      ["three", "10.0.0.2"],
    ] as const) {
      resolve(name, ip);
    }
    const named = ["three", "two"].map((name, at) => `slave${at}:ip=${name}.example,port=6380`);
    const follower = "role:slave\r\nmaster_host:one.example\r\nmaster_port:6379\r\n";
    const run = (seconds: number) =>
      sentinel.live(seconds, (args, port) => {
        if (args[0] !== "INFO") return healthyMaster(args);
        return bulk(port === 6379 ? `role:master\r\n${named.join("\r\n")}\r\n` : follower);
      });
    run(12);
    assert.deepEqual([...sentinel.master.replicas.keys()], ["three.example:6380"]);
    assert.ok(lookUps(sentinel, "three.example") > 0);
    resolve("three", "10.0.0.3");
    run(12);
    const places = [...sentinel.master.replicas.values()].map(({ name, address }) => [
      name,
      address.ip,
    ]);
    assert.deepEqual(places, [
      ["three.example:6380", "10.0.0.3"],
      ["two.example:6380", "10.0.0.2"],
    ]);
  });
});

describe("a server whose name means the address of another one for a while [D-NAMES]", () => {
  const wrong = { "the new master": "10.0.0.2", "the old one": "10.0.0.1" };
  for (const [whose, ip] of Object.entries(wrong)) {
    it(`stays a replica when the master changes, and is dialled where it is in the end: ${whose}`, () => {
      const replicas = ["two", "three"].map((name) => ({ host: `${name}.example`, port: 6379 }));
      const masters = [{ ...PLAIN_MASTER, host: "one.example", replicas }];
      const sentinel = new LoneSentinel({ ...BY_NAME, masters });
      const resolve = (name: string, to: string) =>
        sentinel.step({ type: "resolved", host: `${name}.example`, ip: to });
      resolve("one", "10.0.0.1");
      resolve("two", "10.0.0.2");
      resolve("three", ip);
      const said = `127.0.0.1,26380,${PEER_ID},5,mymaster,two.example,6379,5`;
      sentinel.ask("PUBLISH", "__sentinel__:hello", said);
      const master = sentinel.core.state.masters.get("mymaster");
      assert.equal(master?.address.host, "two.example");
      const others = ["one.example:6379", "three.example:6379"];
      assert.deepEqual([...(master?.replicas.keys() ?? [])].sort(), others);
      const saved = sentinel.core.config().masters[0]?.replicas.map(({ host }) => host);
      assert.deepEqual(saved?.sort(), ["one.example", "three.example"]);
      const role = "role:slave\r\nmaster_host:two.example\r\nmaster_port:6379\r\n";
      const before = lookUps(sentinel, "three.example");
      sentinel.live(12, (args) => (args[0] === "INFO" ? bulk(role) : healthyMaster(args)));
      assert.ok(lookUps(sentinel, "three.example") > before);
      resolve("three", "10.0.0.3");
      assert.equal(master?.replicas.get("three.example:6379")?.address.ip, "10.0.0.3");
    });
  }
});

describe("two names of one replica", () => {
  function twice(options: object): LoneSentinel {
    const replicas = ["two", "other"].map((name) => ({ host: `${name}.example`, port: 6380 }));
    const sentinel = new LoneSentinel({ ...options, masters: [{ ...PLAIN_MASTER, replicas }] });
    for (const { host } of replicas) sentinel.step({ type: "resolved", host, ip: "10.0.0.2" });
    return sentinel;
  }

  it("are one line of the file where addresses are written: C refuses two alike", () => {
    const { core } = twice({ resolveHostnames: true });
    const lines = core.config().masters[0]?.replicas.map(({ host, port }) => `${host} ${port}`);
    assert.equal(new Set(lines).size, lines?.length);
  });

  it("do not hold up the failover to it: none of them is told to follow itself", () => {
    const sentinel = twice(BY_NAME);
    const data = `master_replid:${"d".repeat(40)}\r\nmaster_repl_offset:9\r\n`;
    let role = "slave";
    const told: string[] = [];
    const answer = (args: readonly string[], port: number): Reply | null => {
      if (args[0] === "SLAVEOF" && port === 6380) {
        told.push(args.join(" "));
        role = "master";
      }
      if (args[0] !== "INFO") return healthyMaster(args);
      const link = "master_host:127.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\n";
      const isMaster = port === 6379 || role === "master";
      return bulk(`role:${isMaster ? "master" : "slave"}\r\n${isMaster ? "" : link}${data}`);
    };
    sentinel.live(12, answer);
    sentinel.ask("SENTINEL", "FAILOVER", "mymaster");
    sentinel.live(15, answer);
    assert.deepEqual(told, ["SLAVEOF NO ONE"]);
    assert.ok(
      sentinel.effects.some((one) => one.type === "event" && one.name === "+switch-master"),
    );
  });
});
