import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, PLAIN_MASTER } from "./harness.ts";

/** A minute in which the second server, known by its name as a replica, says this of itself. */
function ordersTo(replicaSays: string, replicaRunId: string): string[] {
  const replicas = [{ host: "two.example", port: 6380 }];
  const masters = [{ ...PLAIN_MASTER, host: "one.example", replicas, failoverTimeoutMs: 3_000 }];
  const names = { resolveHostnames: true, announceHostnames: true };
  const sentinel = new LoneSentinel({ ...names, masters });
  sentinel.step({ type: "resolved", host: "one.example", ip: "10.0.0.1" });
  sentinel.step({ type: "resolved", host: "two.example", ip: "10.0.0.2" });
  const told: string[] = [];
  sentinel.live(60, (args, port) => {
    if (args[0] === "SLAVEOF") told.push(args.join(" "));
    if (args[0] !== "INFO") return healthyMaster(args);
    const runId = port === 6379 ? "a".repeat(40) : replicaRunId;
    return bulk(`run_id:${runId}\r\n${port === 6379 ? "role:master\r\n" : replicaSays}`);
  });
  return [...new Set(told)];
}

const TOLD = ["SLAVEOF one.example 6379"];

describe("a replica whose name leads to the master, which is where it says that it is no more [D-NAMES]", () => {
  it("is the master by its run id, and is not told to follow itself", () => {
    assert.deepEqual(ordersTo("role:master\r\n", "a".repeat(40)), []);
  });

  it("is told to follow if it is another process", () => {
    assert.deepEqual(ordersTo("role:master\r\n", "b".repeat(40)), TOLD);
  });
});

describe("a server that follows the name that we call it by [D-NAMES]", () => {
  const role = "role:slave\r\nmaster_host:two.example\r\nmaster_port:6380\r\n";

  it("is another one while it is in sync, and is told nothing", () => {
    assert.deepEqual(ordersTo(`${role}master_link_status:up\r\n`, "b".repeat(40)), []);
  });

  it("is told to follow the master if it is not: it may follow itself", () => {
    assert.deepEqual(ordersTo(`${role}master_link_status:down\r\n`, "b".repeat(40)), TOLD);
  });
});
