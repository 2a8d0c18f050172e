import assert from "node:assert/strict";
import { sceneTest } from "../support/scene.ts";
import { Farm } from "./farm/farm.ts";
import { allSettled, masterName, startWatchers } from "./watchers.ts";

sceneTest("both kinds of Sentinel take the simulated servers for real ones", async (scene) => {
  const farm = await Farm.start(scene, 2);
  try {
    const sentinels = await startWatchers(scene, "mixed", farm, { downAfterMs: 500 });
    await allSettled(sentinels, farm);
    await farm.act("hang", [farm.master(0)]);
    await farm.killMasters([1]);
    for (const { events } of sentinels) {
      for (const group of [0, 1]) {
        await events.next("+switch-master", { payload: new RegExp(`^${masterName(group)} `) });
      }
    }
    const [sentinel] = sentinels;
    assert.equal(await sentinel?.masterAddress(masterName(0)), farm.replica(0));
    await farm.act("resume", [farm.master(0)]);
    await farm.act("revive", [farm.master(1)]);
    const payload = new RegExp(`^slave ${farm.master(1)} `);
    await Promise.any(sentinels.map(({ events }) => events.next("+convert-to-slave", { payload })));
  } finally {
    await farm.stop();
  }
});
