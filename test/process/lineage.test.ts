import assert from "node:assert/strict";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { RespClient } from "../support/resp-client.ts";
import { sceneTest } from "../support/scene.ts";

sceneTest(
  "a replica's address is given to the master of others: they keep their data [D-LINEAGE]",
  async (scene) => {
    const cluster = await startCluster(scene);
    const [, , gone] = cluster.redises;
    assert.ok(gone);
    await gone.stop();
    // Another group, whose master is there now, with a replica of its own.
    const { port } = gone;
    const words = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", ""];
    scene.spawn({ name: "their master", command: ["redis-server", ...words] });
    const theirs = await scene.until("it answers", () =>
      RespClient.open({ port }).catch(() => undefined),
    );
    assert.equal(await theirs.call("SET", "key", "theirs"), "OK");
    const replica = await scene.redis({ config: [`replicaof 127.0.0.1 ${port}`] });
    await scene.until(
      "it has a replica",
      async () => (await replica.call("GET", "key")) === "theirs",
    );
    await scene.until("it is found to be others'", () =>
      cluster.sentinels.every(({ events }) =>
        events.events.some(({ channel, payload }) => {
          return channel === "+guard-lineage" && payload.endsWith(`serves ${replica.address}`);
        }),
      ),
    );
    // Twelve seconds: others that call themselves masters are told after eight.
    const [sentinel] = cluster.sentinels;
    await scene.until("it is left alone", async () => {
      const rows = (await sentinel?.replicas()) ?? [];
      return rows.some(
        (row) => row.port === `${port}` && Number(row["role-reported-time"]) > 12_000,
      );
    });
    await cluster.master.kill();
    const left = cluster.redises.slice(0, 2);
    const master = await newMaster({ ...cluster, redises: left }, cluster.master);
    await cluster.master.restart();
    await onlyMaster({ ...cluster, redises: left }, master);
    assert.equal(await theirs.call("GET", "key"), "theirs");
    assert.match(`${await theirs.call("ROLE")}`, /^master/);
    assert.equal(await replica.call("GET", "key"), "theirs");
  },
);
