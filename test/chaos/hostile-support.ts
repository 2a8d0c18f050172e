import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RedisNode } from "../support/redis-node.ts";
import { RespClient } from "../support/resp-client.ts";
import type { Scene } from "../support/scene.ts";
import { type SentinelNode, sentinelCommand } from "../support/sentinel-node.ts";

/** A Sentinel with nothing to do takes about 65 MiB. */
const mostResidentMib = 300;
const mostFailoverMs = 8000;
const mostPingMs = 1500;
export const downAfterMs = 1000;

/** A master with a replica, and one Sentinel that also watches others. */
export interface Watched {
  readonly scene: Scene;
  readonly master: RedisNode;
  readonly replica: RedisNode;
  readonly sentinel: SentinelNode;
}

export async function startWatched(scene: Scene, others: readonly string[]): Promise<Watched> {
  const master = await scene.redis();
  const replica = await scene.redis({ master });
  const config = [...monitorLines("good", master.port), ...others];
  const sentinel = await scene.sentinel({ config });
  await scene.until("the replica is known", async () => {
    const rows = await sentinel.replicas("good");
    return rows.length === 1 && rows[0]?.["master-link-status"] === "ok";
  });
  return { scene, master, replica, sentinel };
}

export function monitorLines(name: string, port: number): readonly string[] {
  return [
    `sentinel monitor ${name} 127.0.0.1 ${port} 1`,
    `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
    `sentinel failover-timeout ${name} 5000`,
  ];
}

/**
 * It answers at once, its memory is bounded, it fails over the healthy master, its file loads.
 * `dismiss` takes the hostile neighbours away, which the readers of the file might not survive.
 */
export async function assertUnharmed(watched: Watched, dismiss?: () => void): Promise<void> {
  const { scene, sentinel, master, replica } = watched;
  await assertAnswers(sentinel);
  const killedAtMs = performance.now();
  await master.kill();
  await scene.until("the failover of the healthy master", async () => {
    return (await sentinel.masterAddress("good")) === replica.address;
  });
  const tookMs = performance.now() - killedAtMs;
  assert.ok(tookMs < mostFailoverMs, `the failover took ${tookMs.toFixed()} ms`);
  assert.equal(await replica.role(), "master");
  await assertAnswers(sentinel);
  assert.ok(sentinel.running, "the daemon ended");
  const peakMib = peakResidentMib(sentinel.child.pid);
  assert.ok(peakMib < mostResidentMib, `it took ${peakMib.toFixed()} MiB`);
  dismiss?.();
  await assertFileLoads(watched);
}

async function assertAnswers(sentinel: SentinelNode): Promise<void> {
  const startedMs = performance.now();
  const client = await RespClient.open({ port: sentinel.port });
  try {
    assert.equal(await client.call("PING"), "PONG");
  } finally {
    client.close();
  }
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < mostPingMs, `PING took ${tookMs.toFixed()} ms`);
}

/** The most that it ever took. */
export function peakResidentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** Both programs start on a copy of the file and name the new master. */
async function assertFileLoads({ scene, sentinel, replica }: Watched): Promise<void> {
  await sentinel.call("SENTINEL", "FLUSHCONFIG");
  for (const kind of ["c", "ours"] as const) {
    const port = await scene.port();
    const file = join(scene.subfolder(`copy-${kind}`), "sentinel.conf");
    copyFileSync(sentinel.file, file);
    const command = [...sentinelCommand(kind), file, "--port", String(port)];
    const child = scene.spawn({ name: `reader of the file (${kind})`, command });
    const answer = await scene.until(`${kind} loads the file`, async () => {
      assert.ok(child.running, child.log.tail(5));
      return await askMaster(port);
    });
    assert.equal(answer, replica.address);
    await child.kill();
  }
}

async function askMaster(port: number): Promise<string> {
  const client = await RespClient.open({ port });
  try {
    const reply = await client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "good");
    return Array.isArray(reply) ? reply.join(":") : "";
  } finally {
    client.close();
  }
}
