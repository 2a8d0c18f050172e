import assert from "node:assert/strict";
import { sceneTest } from "../support/scene.ts";
import { assertUnharmed, monitorLines, startWatched } from "./hostile-support.ts";
import { closeAll, withRudeServers } from "./rude-server.ts";
import { keepFor } from "./time.ts";

const exposureMs = 5000;

sceneTest("monitored servers that answer nonsense harm nobody but themselves", async (scene) => {
  await withRudeServers(async (servers) => {
    const lines = servers.flatMap(({ name, port }) => monitorLines(name, port));
    const watched = await startWatched(scene, lines);
    await scene.until("every server was asked", () => servers.every((one) => one.connections > 1));
    await keepFor(exposureMs);
    await assertUnharmed(watched, () => closeAll(servers));
    const rows = await watched.sentinel.call("SENTINEL", "MASTERS");
    assert.ok(Array.isArray(rows) && rows.length === servers.length + 1);
  });
});

sceneTest("peers that answer nonsense harm nobody but their own master", async (scene) => {
  await withRudeServers(async (servers) => {
    const victim = await scene.redis();
    const watched = await startWatched(scene, monitorLines("victim", victim.port));
    const { sentinel } = watched;
    for (const [index, { port }] of servers.entries()) {
      const id = String(index).padStart(40, "e");
      const hello = `127.0.0.1,${port},${id},1,victim,127.0.0.1,${victim.port},0`;
      await victim.call("PUBLISH", "__sentinel__:hello", hello);
    }
    await scene.until("all are taken for Sentinels", async () => {
      return (await sentinel.sentinels("victim")).length === servers.length;
    });
    // From now on they are asked about the master, and for their votes.
    await victim.kill();
    await sentinel.events.next("+try-failover", { payload: /victim/ });
    await keepFor(exposureMs);
    await assertUnharmed(watched, () => closeAll(servers));
    assert.equal(await sentinel.masterAddress("victim"), victim.address);
  });
});
