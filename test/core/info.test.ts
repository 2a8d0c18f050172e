import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { parseInfo } from "../../src/core/info.ts";
import { MAX_INFO_BYTES } from "../../src/core/limits.ts";
import { healthyMaster, LoneSentinel } from "./harness.ts";

const RUN_ID = "a".repeat(40);
const info = (...lines: string[]) => `${lines.join("\r\n")}\r\n`;

describe("parseInfo", () => {
  it("reads a master and its replicas, in the new form and the old", () => {
    const report = parseInfo(
      info(
        `run_id:${RUN_ID}`,
        "role:master",
        "slave0:ip=10.0.0.2,port=6380,state=online,offset=5,lag=0",
        "slave1:10.0.0.3,6381,online",
        "slaves_waiting_psync:0",
      ),
    );
    assert.equal(report.runId, RUN_ID);
    assert.equal(report.role, "master");
    assert.deepEqual(report.replicas, [
      { host: "10.0.0.2", port: 6380 },
      { host: "10.0.0.3", port: 6381 },
    ]);
  });

  it("counts the keys of all databases, where the keyspace is shown", () => {
    assert.equal(parseInfo(info("role:master")).keys, null);
    assert.equal(parseInfo(info("role:master", "# Keyspace")).keys, 0);
    const lines = ["# Keyspace", "db0:keys=7,expires=1,avg_ttl=0", "db12:keys=5,expires=0"];
    assert.equal(parseInfo(info("role:master", ...lines, "dbx:keys=9", "db1:keys=many")).keys, 12);
  });

  it("reads a replica; its fields count only after the line role:slave", () => {
    const fields = ["master_host:10.0.0.1", "master_port:6379", "master_link_status:up"];
    const tail = ["slave_repl_offset:99", "slave_priority:7", "replica_announced:0"];
    const report = parseInfo(info("role:slave", ...fields, ...tail));
    assert.equal(report.masterHost, "10.0.0.1");
    assert.equal(report.masterPort, 6379);
    assert.equal(report.masterLinkUp, true);
    assert.equal(report.replOffset, 99n);
    assert.equal(report.priority, 7);
    assert.equal(report.announced, false);
    assert.equal(parseInfo(info(...fields, "role:slave")).masterHost, null);
  });

  it("reads a replica that never synced as -1000 ms", () => {
    const text = info("role:slave", "master_link_down_since_seconds:-1");
    assert.equal(parseInfo(text).masterLinkDownMs, -1000);
  });

  it("takes lines as they end, with CRLF, and names as they are, whole", () => {
    const text =
      "role:slave\r\nmaster_host:a\rb\nc\r\nxmaster_host:d\r\nmaster_hosts:e\r\n\r\nslave_priority:3";
    const { masterHost, priority } = parseInfo(text);
    assert.deepEqual({ masterHost, priority }, { masterHost: "a\rb\nc", priority: 3 });
    assert.equal(parseInfo(`${"x".repeat(40)}\r\nrole:master\r`).role, null);
  });

  it("reads a megabyte of lines without a colon as fast as one with", () => {
    const leastMillis = (line: string) => {
      const text = line.repeat(Math.floor(MAX_INFO_BYTES / line.length));
      const times = Array.from({ length: 5 }, () => {
        const from = process.cpuUsage();
        parseInfo(text);
        return process.cpuUsage(from).user / 1_000;
      });
      return Math.min(...times);
    };
    const [without, plain] = [leastMillis("mmmmmm\r\n"), leastMillis("mmmmm:\r\n")];
    assert.ok(without < 10 * plain, `${without.toFixed(1)} ms, ${plain.toFixed(1)} ms`);
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parseInfo(text);
        parseInfo(`role:slave\r\nslave0:${text}\r\nmaster_port:${text}\r\n`);
      }),
    );
  });
});

describe("INFO of a master", () => {
  const withReplica = (args: readonly string[], port: number): Reply =>
    args[0] === "INFO" && port === 6379
      ? bulk(info("role:master", "slave0:ip=10.0.0.2,port=6380,state=online,offset=5,lag=0"))
      : bulk("");

  it("makes its replicas known, once, and saves them", () => {
    const sentinel = new LoneSentinel();
    sentinel.pass(100);
    sentinel.serve(withReplica);
    assert.deepEqual(sentinel.events, [
      "+slave slave 10.0.0.2:6380 10.0.0.2 6380 @ mymaster 127.0.0.1 6379",
    ]);
    assert.deepEqual(sentinel.core.config().masters[0]?.replicas, [
      { host: "10.0.0.2", port: 6380 },
    ]);
    sentinel.pass(200);
    assert.equal(sentinel.saves, 1);
  });

  it("never makes the master its own replica [I9]", () => {
    const sentinel = new LoneSentinel();
    sentinel.pass(100);
    sentinel.serve((args) =>
      args[0] === "INFO" ? bulk(info("role:master", "slave0:ip=127.0.0.1,port=6379")) : null,
    );
    assert.equal(sentinel.master.replicas.size, 0);
  });

  it("with another run id is a reboot", () => {
    const sentinel = new LoneSentinel();
    let runId = RUN_ID;
    const server = (args: readonly string[]) =>
      args[0] === "INFO" ? bulk(info(`run_id:${runId}`, "role:master")) : healthyMaster(args);
    sentinel.pass(100);
    sentinel.serve(server);
    runId = "d".repeat(40);
    sentinel.master.infoAt = null;
    const before = sentinel.effects.length;
    sentinel.pass(1_000);
    const ask = sentinel.effects
      .slice(before)
      .find((one) => one.type === "send" && one.args[0] === "INFO");
    assert.ok(ask?.type === "send");
    sentinel.step({ ...ask, type: "reply", reply: server(ask.args) });
    assert.equal(sentinel.events.at(-1), "+reboot master mymaster 127.0.0.1 6379");
  });
});

describe("servers that are not Redis [D-OTHER-SERVERS]", () => {
  for (const word of ["slave", "replica", "active-replica"]) {
    it(`say role:${word} of a replica, whose fields count`, () => {
      const report = parseInfo(
        info(`role:${word}`, "master_host:10.0.0.1", "master_link_status:up", "slave_priority:0"),
      );
      assert.equal(report.role, "slave");
      assert.equal(report.masterHost, "10.0.0.1");
      assert.equal(report.masterLinkUp, true);
      assert.equal(report.priority, 0);
    });
  }

  it("name the second connection of a replica in a full sync as one more: it is none", () => {
    const report = parseInfo(
      info(
        "role:master",
        "slave0:ip=10.0.0.2,port=6380,state=wait_bgsave,offset=0,lag=0,type=main-channel",
        "slave1:ip=10.0.0.2,port=6390,state=send_bulk_and_stream,offset=0,lag=0,type=rdb-channel",
        "slave2:ip=10.0.0.3,port=6380,state=online,offset=5,lag=0,type=replica",
      ),
    );
    assert.deepEqual(report.replicas, [
      { host: "10.0.0.2", port: 6380 },
      { host: "10.0.0.3", port: 6380 },
    ]);
  });
});
