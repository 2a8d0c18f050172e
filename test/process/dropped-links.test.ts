import assert from "node:assert/strict";
import { sceneTest } from "../support/scene.ts";

const ROUNDS = 8;

// As a server that reloads its users does, a proxy in front of it, or an operator.
sceneTest("a connection dropped right after MONITOR is no dead server", async (scene) => {
  const master = await scene.redis();
  const ours = await scene.sentinel({ config: [] });
  for (let round = 0; round < ROUNDS; round++) {
    const name = `m${round}`;
    await ours.call("SENTINEL", "MONITOR", name, "127.0.0.1", String(master.port), "1");
    await ours.call("SENTINEL", "SET", name, "down-after-milliseconds", "1000");
    await scene.until("its INFO was read", async () => (await ours.master(name)).runid !== "");
    for (const type of ["normal", "pubsub"]) await master.call("CLIENT", "KILL", "TYPE", type);
  }
  // Both links of each name are there again, and longer than it takes to be seen down.
  await scene.until("all are connected", async () => {
    const rows = await Promise.all(Array.from({ length: ROUNDS }, (_, i) => ours.master(`m${i}`)));
    return rows.every(({ flags }) => flags === "master");
  });
  await scene.until("a PING period passed", async () => {
    const row = await ours.master(`m${ROUNDS - 1}`);
    return Number(row["info-refresh"]) > 1_500;
  });
  const downs = ours.child.log.lines.filter((line) => line.includes("+sdown"));
  assert.deepEqual(downs, []);
});
