import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/core/reply.ts";
import { healthyMaster, LoneSentinel, PLAIN_MASTER, plain } from "./harness.ts";

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
