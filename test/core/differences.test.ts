import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

// Deliberate differences from a C Sentinel that no other test is about.

const REPLICA = 6_380;

/** A master at 6379 with one replica that follows it. */
function servers(args: readonly string[], port: number): Reply {
  if (args[0] !== "INFO" || port !== REPLICA) return healthyMaster(args);
  const lines = [`run_id:${"2".repeat(40)}`, "role:slave", "master_host:127.0.0.1"];
  return bulk([...lines, "master_port:6379", "master_link_status:up", ""].join("\r\n"));
}

function withReplica(): LoneSentinel {
  const replicas = [{ host: "127.0.0.1", port: REPLICA }];
  const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }] });
  sentinel.live(2, servers);
  return sentinel;
}

describe("a switch of the master", () => {
  it("keeps the connections that work [D-LIVE-LINKS]", () => {
    const sentinel = withReplica();
    const before = sentinel.effects.length;
    const hello = ["127.0.0.1", 26_380, PEER_ID, 4, "mymaster", "127.0.0.1", REPLICA, 4].join(",");
    sentinel.ask("PUBLISH", "__sentinel__:hello", hello);
    assert.equal(sentinel.master.address.port, REPLICA);
    sentinel.live(1, servers);
    const since = sentinel.effects.slice(before);
    const dialled = since.flatMap((one) => (one.type === "connect" ? [one.port] : []));
    assert.deepEqual(dialled, [26_380], "the Sentinel that said hello is the only new one");
    assert.ok(!since.some(({ type }) => type === "disconnect"));
  });
});

describe("a master that is down", () => {
  it("has its replicas asked for INFO each second, before the quorum agrees [D-INFO]", () => {
    const sentinel = withReplica();
    const isAsked = () => sentinel.sent.filter((one) => one === "INFO").length;
    sentinel.live(6, (args, port) => (port === REPLICA ? servers(args, port) : null));
    assert.ok(sentinel.master.sdown && !sentinel.master.odown);
    const before = isAsked();
    sentinel.live(5, (args, port) => (port === REPLICA ? servers(args, port) : null));
    assert.ok(isAsked() - before >= 4, `${isAsked() - before} times in five seconds`);
  });
});

describe("SENTINEL CONFIG SET announce-ip", () => {
  it("with an empty value announces the address of the connection again [D-ANNOUNCE-EMPTY]", () => {
    const sentinel = withReplica();
    const announced = () => {
      sentinel.live(3, servers);
      return sentinel.sent.filter((one) => one.startsWith("PUBLISH")).at(-1);
    };
    sentinel.ask("SENTINEL", "CONFIG", "SET", "announce-ip", "10.9.9.9");
    assert.match(`${announced()}`, / 10\.9\.9\.9,26379,/);
    sentinel.ask("SENTINEL", "CONFIG", "SET", "announce-ip", "");
    assert.match(`${announced()}`, / 127\.0\.0\.1,26379,/);
    assert.equal(sentinel.core.config().announceIp, null);
  });
});

describe("Valkey's words", () => {
  it("say what Redis' words say [D-PRIMARY]", () => {
    const sentinel = withReplica();
    const ask = (...words: string[]) => plain(sentinel.ask("SENTINEL", ...words));
    const down = ["127.0.0.1", "6379", "0", "*"] as const;
    for (const [valkey, redis, ...args] of [
      ["PRIMARIES", "MASTERS"],
      ["PRIMARY", "MASTER", "mymaster"],
      ["GET-PRIMARY-ADDR-BY-NAME", "GET-MASTER-ADDR-BY-NAME", "mymaster"],
      ["IS-PRIMARY-DOWN-BY-ADDR", "IS-MASTER-DOWN-BY-ADDR", ...down],
    ] as const) {
      const said = ask(redis, ...args);
      assert.ok(typeof said === "object" && said !== null, `${redis}: ${said}`);
      assert.deepEqual(ask(valkey, ...args), said);
    }
  });
});
