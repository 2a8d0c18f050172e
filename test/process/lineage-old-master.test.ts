import assert from "node:assert/strict";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { RespClient } from "../support/resp-client.ts";
import { sceneTest } from "../support/scene.ts";

sceneTest(
  "an old master's address is given to the master of others, whose replica follows a moment later [D-LINEAGE]",
  async (scene) => {
    const cluster = await startCluster(scene);
    const { master: gone, redises } = cluster;
    await gone.kill();
    const master = await newMaster(cluster, gone);
    await onlyMaster(cluster, master);
    const { port } = gone;
    // Their replica runs already, and connects once a second.
    const theirReplica = await scene.redis({ config: [`replicaof 127.0.0.1 ${port}`] });
    // What they hold was written before, at another address.
    const folder = scene.subfolder("theirs");
    const words = ["--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
    const start = (name: string, at: number) =>
      scene.spawn({ name, command: ["redis-server", ...words, "--port", `${at}`] });
    const elsewhere = await scene.port();
    const before = start("their master before", elsewhere);
    const writer = await scene.until("it answers", () =>
      RespClient.open({ port: elsewhere }).catch(() => undefined),
    );
    await writer.call("SET", "key", "theirs");
    writer.close();
    await before.stop("SIGTERM");
    start("their master", port);
    const theirs = await scene.until("it answers", () =>
      RespClient.open({ port }).catch(() => undefined),
    );
    await scene.until("their replica has it, or nobody", async () => {
      const [own, copy] = [
        await theirs.call("GET", "key").catch(() => null),
        await theirReplica.call("GET", "key"),
      ];
      return own === null || copy === "theirs";
    });
    // Others that call themselves masters are told after eight seconds.
    const [sentinel] = cluster.sentinels;
    await scene.until(
      "it is left alone",
      async () => {
        if (!`${await theirs.call("ROLE").catch(() => "")}`.startsWith("master"))
          throw new Error("it was told to follow ours");
        const rows = (await sentinel?.replicas()) ?? [];
        return rows.some(
          (row) => row.port === `${port}` && Number(row["role-reported-time"]) > 12_000,
        );
      },
      30_000,
    );
    assert.equal(await theirs.call("GET", "key"), "theirs");
    assert.ok(redises.includes(master));
  },
);
