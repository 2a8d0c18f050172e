import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { sceneTest } from "../support/scene.ts";

const GROUPS = 4;
const DOWN_AFTER_MS = 1_000;
/** So long a C Sentinel counts what its peers said of the dead master. */
const MEMORY_MS = 5_000;

// A C Sentinel that is told of the new master right after an attempt to reach the dead one calls the new one down.
sceneTest("one of ours and two C Sentinels with down-after 1000 fail over once", async (scene) => {
  const masters = await Promise.all(Array.from({ length: GROUPS }, () => scene.redis()));
  await Promise.all(
    masters.flatMap((master) => [scene.redis({ master }), scene.redis({ master })]),
  );
  const config = masters.flatMap(({ port }, group) => [
    `sentinel monitor m${group} 127.0.0.1 ${port} 2`,
    `sentinel down-after-milliseconds m${group} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout m${group} 10000`,
  ]);
  const kinds = ["ours", "c", "c"] as const;
  const sentinels = await Promise.all(kinds.map((kind) => scene.sentinel({ kind, config })));
  const [ours] = sentinels;
  assert.ok(ours);
  for (const node of sentinels) {
    const like = /status=ok,.*slaves=2,sentinels=3$/;
    await scene.until(`${node.name} knows all`, async () => {
      const lines = Object.values(await node.info("sentinel"));
      return lines.filter((line) => like.test(line)).length === GROUPS;
    });
  }
  for (const [group, master] of masters.entries()) {
    const killedAt = performance.now();
    master.child.signal("SIGKILL");
    const payload = new RegExp(`^m${group} `);
    const heard = await Promise.all(
      sentinels.map(({ events }) => events.next("+switch-master", { payload })),
    );
    // Clients of any of them wait far less than the second that C alone would take.
    for (const { atMs } of heard) assert.ok(atMs - killedAt < DOWN_AFTER_MS + 800);
  }
  // What does not happen cannot be awaited.
  await wait(MEMORY_MS);
  for (const [group, { address }] of masters.entries()) {
    const attempted = sentinels
      .flatMap(({ events }) => events.events)
      .filter(
        ({ channel, payload }) => channel === "+try-failover" && payload.includes(` m${group} `),
      );
    const others = attempted.filter(({ payload }) => !payload.endsWith(address.replace(":", " ")));
    assert.deepEqual(others, []);
  }
});
