import assert from "node:assert/strict";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";

// Lines of files from practice that a C Sentinel starts with [D-INCLUDED] [FILE-OLD-ADDRESS]: ours
// says and keeps the same.

interface Line {
  readonly line: string;
  /** What the log of ours says of it, once; null: nothing. */
  readonly warning: RegExp | null;
  /** What must be in the file afterwards. */
  readonly kept?: RegExp;
}

const LINES: readonly Line[] = [
  { line: "sentinel monitor x 127.1 6379 1", warning: /'127\.1' is taken as 127\.0\.0\.1/ },
  { line: "sentinel monitor x 127.0.001.010 6379 1", warning: /is taken as 127\.0\.1\.8/ },
  {
    line: "sentinel current-epoch 18446744073709551615",
    warning: /the epoch 18446744073709551615 is out of range/,
  },
  { line: "hz 50", warning: null, kept: /^hz 50$/m },
  { line: "replicaof 10.0.0.9 6379", warning: null, kept: /^replicaof 10\.0\.0\.9 6379$/m },
];

for (const { line, warning, kept = /./ } of LINES) {
  sceneTest(`\`${line}\`: as a C Sentinel, and each starts on the other's file`, async (scene) => {
    const [ours, c] = await Promise.all([start(scene, "ours", line), start(scene, "c", line)]);
    assert.deepEqual(await shown(ours), await shown(c));
    const log = ours.child.log.lines.join("\n");
    const told = log.split("\n").filter((text) => warning?.test(text));
    assert.equal(told.length, warning === null ? 0 : 1, log);
    for (const [node, other] of [
      [ours, "c"],
      [c, "ours"],
    ] as const) {
      assert.match(node.configText, kept);
      const before = await shown(node);
      await node.restart(other);
      assert.deepEqual(await shown(node), before);
      assert.match(node.configText, kept);
    }
  });
}

async function start(scene: Scene, kind: SentinelKind, line: string): Promise<SentinelNode> {
  const node = await scene.sentinel({ kind, config: ["sentinel monitor m 127.0.0.1 1 1", line] });
  assert.equal(await node.call("SENTINEL", "FLUSHCONFIG"), "OK");
  return node;
}

async function shown(node: SentinelNode) {
  const { configured_hz } = await node.info("server");
  return [await node.masterAddress("m"), await node.masterAddress("x"), configured_hz];
}
