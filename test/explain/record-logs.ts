import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startCluster } from "../support/cluster.ts";
import { root } from "../support/repository.ts";
import { Scene } from "../support/scene.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";
import type { Incident } from "./incident-kit.ts";
import { INCIDENTS } from "./incidents.ts";

// Records test/explain/logs: plays each incident in a cluster of real processes, and keeps the logs of its
// Sentinels, with what was done. `node dist/test/explain/record-logs.js [WORD ...]` for those whose names have a word.

let playing: Scene | null = null;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void playing?.cleanUp().finally(() => process.exit(130)));
}

for (const [name, incident] of Object.entries(INCIDENTS)) {
  for (const kind of incident.kinds) {
    const title = `${name}-${kind}`;
    const words = process.argv.slice(2);
    if (words.length > 0 && !words.some((word) => title.includes(word))) continue;
    await record(title, kind, incident);
  }
}

async function record(title: string, kind: SentinelKind, incident: Incident): Promise<void> {
  const scene = new Scene();
  playing = scene;
  try {
    const options = incident.options?.(kind) ?? {};
    const sentinels = options.sentinels ?? [kind, kind, kind];
    const cluster = await startCluster(scene, { ...options, sentinels });
    const truth = await incident.play(cluster);
    // What the others say of it comes a little later, and ends up in the log of their end.
    for (const node of cluster.sentinels) await node.stop();
    const folder = join(root, "test", "explain", "logs", title);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [index, node] of cluster.sentinels.entries()) {
      const text = `${node.child.log.lines.join("\n")}\n`;
      writeFileSync(join(folder, `sentinel-${index + 1}.log`), text);
    }
    writeFileSync(join(folder, "truth.json"), `${JSON.stringify(truth, null, 2)}\n`);
    console.log(`${title}: ${JSON.stringify(truth)}`);
  } catch (error) {
    console.error(`${title}: ${error instanceof Error ? error.message : error}`);

    process.exitCode = 1;
  } finally {
    await scene.cleanUp();
  }
}
