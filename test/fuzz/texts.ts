import assert from "node:assert/strict";
import { parseHello } from "../../src/core/hello-message.ts";
import { parseInfo } from "../../src/core/info.ts";
import type { Chance } from "./chance.ts";

const ID = "a".repeat(40);

/** A hello has eight good fields or is none. */
export function fuzzHello(chance: Chance): void {
  const text = helloText(chance);
  const hello = parseHello(text);
  if (hello === null) return;
  const { host, port, runId, currentEpoch, masterName, masterHost, masterPort } = hello;
  const fields = [host, port, runId, currentEpoch, masterName, masterHost, masterPort];
  const again = parseHello([...fields, hello.configEpoch].join(","));
  assert.deepEqual(again, hello);
}

export function helloText(chance: Chance): string {
  const fields = ["127.0.0.1", "26380", ID, "3", "mymaster", "127.0.0.1", "6379", "2"];
  const count = chance.int(0, 3);
  for (let i = 0; i < count; i++) {
    fields[chance.int(0, 8)] = chance.pick([chance.digits(), chance.bytes(6), "mymaster", ID]);
  }
  const text = fields.join(",");
  return chance.once(3) ? chance.mutate(text) : text;
}

const INFO_LINES = [
  `run_id:${"1".repeat(40)}`,
  "role:master",
  "role:slave",
  "slave0:ip=127.0.0.1,port=6380,state=online,offset=14,lag=0",
  "slave1:127.0.0.1:6381,online",
  "master_host:127.0.0.1",
  "master_port:6379",
  "master_link_status:up",
  "master_link_status:down",
  "master_link_down_since_seconds:5",
  "slave_priority:100",
  "slave_repl_offset:77",
  "replica_announced:0",
];

/** Whatever INFO says, its reading has numbers where numbers belong. */
export function fuzzInfo(chance: Chance): void {
  const report = parseInfo(infoText(chance));
  assert.ok(Number.isFinite(report.masterLinkDownMs));
  for (const { port } of report.replicas) assert.ok(Number.isInteger(port));
}

export function infoText(chance: Chance): string {
  const lines = chance.many(16, () => {
    const line = chance.pick(INFO_LINES);
    if (!chance.once(4)) return line;
    const colon = line.indexOf(":") + 1;
    return chance.pick([chance.mutate(line), line.slice(0, colon) + chance.digits()]);
  });
  return lines.join(chance.once(10) ? "\n" : "\r\n");
}
