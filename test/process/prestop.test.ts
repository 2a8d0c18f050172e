import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { startCluster } from "../support/cluster.ts";
import { LAUNCHER } from "../support/launcher.ts";
import { read } from "../support/repository.ts";
import { sceneTest } from "../support/scene.ts";

const PAGE = "docs/kubernetes.md";

/** What the page says under `lifecycle`, as Kubernetes reads it. */
function preStop(): readonly string[] {
  const [, section = ""] = read(PAGE).split("## Stopping\n");
  const [, block = ""] = /^```yaml\n([\s\S]*?)^```$/m.exec(section) ?? [];
  const command: unknown = parse(block)?.lifecycle?.preStop?.exec?.command;
  assert.ok(Array.isArray(command) && command.every((word) => typeof word === "string"), block);
  return command;
}

sceneTest(
  "the preStop of docs/kubernetes.md moves the master away, also if the Sentinel of its pod is gone, and passes a replica by",
  async (scene) => {
    const password = "s3cret";
    const cluster = await startCluster(scene, {
      sentinels: ["ours", "ours", "ours"],
      sentinelCredentials: { password },
      sentinelConfig: () => [`requirepass ${password}`],
    });
    const [gone, there] = cluster.sentinels;
    assert.ok(gone && there);
    await gone.kill();
    const programs = scene.subfolder("programs");
    symlinkSync(LAUNCHER, join(programs, "redis-sentinel-ts"));
    // The name of a pod stands in its /etc/hosts, with its addresses of both families.
    const hostname = join(programs, "hostname");
    writeFileSync(
      hostname,
      '#!/bin/sh\n[ "$1" = -i ] && echo "127.0.0.1 ::1" || echo localhost\n',
      { mode: 0o755 },
    );
    const env = { PATH: `${programs}:${process.env.PATH}`, REDISCLI_AUTH: password };
    const stop = async (port: number) => {
      const command = preStop().map((word) =>
        word
          .replace("redis-headless:26379", `localhost:${there.port}`)
          .replace(":6379", `:${port}`),
      );
      assert.ok(command.join(" ").includes(`:${port}`), "the page names the usual port");
      const child = scene.spawn({ name: "pre-stop", command, env });
      const { code } = await child.exited;
      return { code, told: child.log.lines.join("\n") };
    };
    const { master } = cluster;
    const first = await stop(master.port);
    assert.equal(first.code, 0, first.told);
    assert.notEqual(await there.masterAddress(), master.address);
    await scene.until("it follows the new one", async () => {
      return String(await master.call("ROLE")).startsWith("slave");
    });
    const second = await stop(master.port);
    assert.equal(second.code, 0, second.told);
    assert.match(second.told, /is no master that is watched: nothing to hand over/);
  },
);
