import assert from "node:assert/strict";
import { test } from "node:test";
import { pictureFrom } from "../../src/console/ask.ts";
import { accessOf } from "../../src/console/connect/access.ts";
import { Output } from "../../src/console/output.ts";
import { statusLines } from "../../src/console/status/text.ts";
import { DEFAULT_LAG_LIMITS, judge } from "../../src/quorum/judgement.ts";
import { WordServer } from "../support/word-server.ts";

// What `status` of a hundred masters costs: three Sentinels, each with two replicas of each master.

const MASTERS = 100;
/** CPU, with room for a slow machine; some 0.4 s were measured. */
const LIMIT_MS = 3_000;

const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const list = (items: readonly string[]) => `*${items.length}\r\n${items.join("")}`;
const row = (fields: object) =>
  list(Object.entries(fields).flatMap(([name, value]) => [bulk(name), bulk(`${value}`)]));
const runId = (of: number) => `${of}`.padStart(40, "a");

const instance = (name: string, port: number, flags: string) => ({
  ...{ name, ip: "127.0.0.1", port, runid: runId(port), flags, "link-pending-commands": 0 },
  ...{ "link-refcount": 1, "last-ping-sent": 0, "last-ok-ping-reply": 12, "last-ping-reply": 12 },
  ...{ "down-after-milliseconds": 3000, "info-refresh": 900, "role-reported-time": 100000 },
});

/** As long as Redis 7's. */
function infoOf(port: number): string {
  const filler = Array.from({ length: 150 }, (_, at) => `some_figure_${at}:${at * 1_000}`);
  const history = [`master_replid:${"b".repeat(40)}`, "master_repl_offset:100"];
  const head = ["# Server", "redis_version:7.0.15", `run_id:${runId(port)}`];
  const role = port % 3 === 0 ? ["role:master"] : ["role:slave", "master_link_status:up"];
  return [...head, ...filler, ...role, ...history, "# Keyspace", "db0:keys=7,expires=0", ""].join(
    "\r\n",
  );
}

/** A Sentinel with this id, and two peers. */
function answersOf(self: number, ports: () => readonly number[]) {
  return (words: readonly string[]): string => {
    const [command = "", sub = "", ...names] = words.map((word) => word.toLowerCase());
    if (command === "info") return bulk("redis_version:7.0.15\r\nredis_mode:sentinel\r\n");
    const first = Number(names[0]?.slice(1)) * 3;
    switch (sub) {
      case "myid":
        return bulk(runId(self));
      case "masters":
        return list(
          Array.from({ length: MASTERS }, (_, at) => {
            const about = instance(`m${at}`, at * 3, "master");
            return row({ ...about, "config-epoch": 1, quorum: 2, "failover-timeout": 180000 });
          }),
        );
      case "replicas":
        return list(
          [1, 2].map((one) => {
            const about = instance(`127.0.0.1:${first + one}`, first + one, "slave");
            return row({ ...about, "master-link-status": "ok", "slave-priority": 100 });
          }),
        );
      case "sentinels":
        return list(
          ports().flatMap((port, at) =>
            at === self ? [] : row({ ...instance(runId(at), port, "sentinel"), runid: runId(at) }),
          ),
        );
      case "ckquorum":
        return "+OK 3 usable Sentinels. Quorum and failover authorization can be reached\r\n";
      case "info-cache":
        return list(
          names.flatMap((name) => {
            const port = Number(name.slice(1)) * 3;
            const infos = [0, 1, 2].map((one) => list([":900\r\n", bulk(infoOf(port + one))]));
            return [bulk(name), list(infos)];
          }),
        );
      default:
        return "-ERR Unknown sentinel subcommand\r\n";
    }
  };
}

test("status of a hundred masters takes well under a second", async () => {
  const servers: WordServer[] = [];
  const ports = () => servers.map(({ port }) => port);
  for (const self of [0, 1, 2]) servers.push(await WordServer.listen(answersOf(self, ports)));
  try {
    const at = `127.0.0.1:${servers[0]?.port}`;
    const values = { at, timeout: "60s" } as Parameters<typeof accessOf>[0];
    const access = await accessOf(values, {});
    const before = process.cpuUsage();
    const { masters, asked } = await pictureFrom(access, null);
    const { stdout, stderr, env } = process;
    const output = new Output({ stdout, stderr, env }, true);
    const judged = masters.map((picture) => ({
      picture,
      judgement: judge(picture, DEFAULT_LAG_LIMITS),
    }));
    const lines = statusLines(output, judged);
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1_000;
    assert.equal(asked.filter(({ told }) => told.ok).length, 3);
    assert.equal(masters.length, MASTERS);
    assert.deepEqual([...new Set(judged.map(({ judgement }) => judgement.word))], ["OK"]);
    assert.equal(lines.filter((line) => line.includes("7 keys")).length, MASTERS);
    assert.ok(tookMs < LIMIT_MS, `${tookMs} ms of CPU, with the three servers`);
  } finally {
    for (const server of servers) server.close();
  }
});
