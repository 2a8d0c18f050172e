import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { runConsole } from "../support/console.ts";
import { sceneTest } from "../support/scene.ts";

sceneTest(
  "a receiver that takes nothing is a finding, and in the journal [D-HOOK-STATUS]",
  async (scene) => {
    const port = await scene.port();
    const master = await scene.redis();
    const file = join(scene.folder, "hooks.json");
    const url = `http://127.0.0.1:${port}/secret-path`;
    const hook = { name: "the\npager", url, events: ["+monitor"] };
    writeFileSync(file, JSON.stringify([hook]), { mode: 0o600 });
    const config = [`sentinel monitor mymaster 127.0.0.1 ${master.port} 1`];
    const env = { REDIS_SENTINEL_TS_WEBHOOKS: file };
    const node = await scene.sentinel({ kind: "ours", config, env });
    const status = async () => (await node.info("sentinel")).sentinel_webhooks_status;
    assert.equal(await status(), "ok");
    const trouble = /^the pager takes no events for \d+ s: Connection refused$/;
    // A minute after the first attempt.
    const isDead = async () => trouble.test((await status()) ?? "");
    await scene.until("it is dead", isDead, 120_000);
    const at = ["--at", `127.0.0.1:${node.port}`];
    const { stdout } = await runConsole(["check", ...at]);
    assert.match(stdout, /warning {3}WEBHOOK_DEAD\n.*takes no events.*Connection refused\n/);
    assert.ok(!stdout.includes("secret-path"));
    const { stdout: overview } = await runConsole(["status", ...at]);
    assert.match(overview, /\n {2}! 1 of 1 Sentinels have a webhook that takes nothing\n/);
    assert.match(overview, /sentinel .* the pager takes no events for \d+ s: Connection refused/);
    const noted = async () => {
      const { entries } = JSON.parse((await runConsole(["history", "--json", ...at])).stdout) as {
        entries: readonly { kind: string; result: string; text: string; lastedMs: number | null }[];
      };
      return entries.filter(({ kind }) => kind === "hook");
    };
    assert.deepEqual(
      (await noted()).map(({ result }) => result),
      ["began"],
    );
    const server = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    // Events of another master do not wait behind those that are tried again once a minute.
    await node.call("SENTINEL", "MONITOR", "other", "127.0.0.1", `${master.port}`, "1");
    await scene.until("it lives", async () => (await status()) === "ok");
    const ended = await scene.until("it is written down", async () => {
      const entries = await noted();
      return entries.find(({ result }) => result === "ended");
    });
    assert.ok((ended.lastedMs ?? 0) >= 60_000);
    server.close();
  },
  { timeoutMs: 300_000 },
);
