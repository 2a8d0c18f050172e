import assert from "node:assert/strict";
import { appendFileSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import type { FailoverRecord, JournalEntry } from "../../src/base/journal-entry.ts";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { toRecord } from "../support/resp-client.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

const PASSWORDS = ["secretOfServers", "secretOfOps"];

async function journalOf(node: SentinelNode, ...words: readonly string[]): Promise<JournalEntry[]> {
  const reply = await node.call("SENTINEL", "JOURNAL", "mymaster", ...words);
  assert.ok(Array.isArray(reply), String(reply));
  return reply.map((line) => JSON.parse(String(line)));
}

async function failoverOf(node: SentinelNode): Promise<(FailoverRecord & JournalEntry) | null> {
  const found = (await journalOf(node)).findLast(({ type }) => type === "failover");
  return found?.type === "failover" ? found : null;
}

sceneTest(
  "failovers are written down, with who asked, over kill -9 and without a secret [D-JOURNAL]",
  async (scene) => {
    const [ofServers = "", ofOps = ""] = PASSWORDS;
    const config = [`requirepass ${ofServers}`, `masterauth ${ofServers}`];
    const redis = { config, credentials: { password: ofServers } };
    const cluster = await startCluster(scene, {
      ...{ replicas: 1, redis },
      sentinelConfig: () => [
        `sentinel auth-pass mymaster ${ofServers}`,
        `user ops on >${ofOps} +@all allchannels`,
      ],
    });
    const [first, second, third] = cluster.sentinels;
    assert.ok(first && second && third);
    const client = await first.connect();
    await client.call("AUTH", "ops", ofOps);
    await client.call("SENTINEL", "FAILOVER", "mymaster");
    const master = await newMaster(cluster, cluster.master);
    await onlyMaster(cluster, master);
    for (const node of cluster.sentinels) {
      await scene.until(
        `${node.name} wrote it down`,
        async () => (await failoverOf(node)) !== null,
      );
    }
    const led = await failoverOf(first);
    assert.deepEqual([led?.kind, led?.result, led?.by?.user], ["forced", "done", "ops"]);
    assert.match(led?.by?.address ?? "", /^127\.0\.0\.1:\d+$/);
    assert.deepEqual(led?.to, { host: "127.0.0.1", port: master.port });
    assert.ok(Math.abs((led?.at ?? 0) - Date.now()) < 60_000);
    assert.equal((await failoverOf(second))?.kind, "followed");
    assert.equal(statSync(`${first.file}.journal`).mode & 0o777, 0o600);
    await first.kill();
    appendFileSync(`${first.file}.journal`, '{"id":2,"at":17000');
    await first.restart();
    assert.deepEqual(await failoverOf(first), led);
    assert.deepEqual(await journalOf(first, "SINCE", `${(led?.at ?? 0) + 1}`), []);
    assert.equal((await journalOf(second, "COUNT", "1")).length, 1);
    await first.call("SENTINEL", "PAUSE", "mymaster", "600");
    await first.stop();
    const text = readFileSync(`${first.file}.journal`, "utf8");
    assert.deepEqual(
      text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line).id),
      [1, 2],
    );
    for (const node of cluster.sentinels) {
      const written = readFileSync(`${node.file}.journal`, "utf8");
      for (const secret of PASSWORDS) assert.ok(!written.includes(secret));
    }
  },
);

sceneTest(
  "a full disk costs entries, and no failover; to delete them costs nothing else [JOURNAL-FILE] [D-EXPLAIN]",
  async (scene) => {
    const cluster = await startCluster(scene, {
      ...{ replicas: 1, quorum: 1, sentinels: ["ours"] },
      sentinelPlace: (_folder, file) => {
        symlinkSync("/dev/full", `${file}.journal`);
        return [];
      },
    });
    const [node] = cluster.sentinels;
    assert.ok(node);
    await cluster.master.kill();
    await newMaster(cluster, cluster.master);
    await scene.until("it is told", () => countOf(node, "cannot be written, so entries") === 1);
    assert.equal((await failoverOf(node))?.result, "done");
    const said = toRecord(await node.call("SENTINEL", "EXPLAIN", "mymaster"));
    assert.deepEqual([said.verdict, said.code], ["blocked", "NO_FIT_REPLICA"]);
    assert.match(
      String(said.next),
      /last failover: down \(no answer to PING.*\), votes: 1, \d.* s ago/,
    );
    const unknown = await node.call("SENTINEL", "EXPLAIN", "nobody").catch(String);
    assert.match(String(unknown), /No such master/);
    rmSync(`${node.file}.journal`);
    await node.call("SENTINEL", "PAUSE", "mymaster", "600");
    await scene.until("the file is there", () => statSync(`${node.file}.journal`).size > 0);
    const text = readFileSync(`${node.file}.journal`, "utf8");
    assert.match(text, /"kind":"down"[^\n]*\n[^\n]*"kind":"pause"/);
    assert.equal(countOf(node, "cannot be written, so entries"), 1);
    assert.ok(!/journal/i.test(node.configText));
  },
);

function countOf(node: SentinelNode, words: string): number {
  return node.child.log.lines.filter((line) => line.includes(words)).length;
}
