import assert from "node:assert/strict";
import { startCluster } from "../support/cluster.ts";
import { sceneTest } from "../support/scene.ts";
import type { ServerNode } from "../support/server-node.ts";

const OLD = "old-secret";
const NEW = "new-secret";

/** The ids of the connections to it that a Sentinel of this name has. */
async function connectionsTo(server: ServerNode, id: string): Promise<readonly string[]> {
  const list = String(await server.call("CLIENT", "LIST"));
  return list
    .split("\n")
    .filter((line) => line.includes(`name=sentinel-${id.slice(0, 8)}-`))
    .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "")
    .sort();
}

sceneTest(
  "passwords of servers and Sentinels are rotated, among C Sentinels, and ours loses no connection [D-LIVE-AUTH]",
  async (scene) => {
    const cluster = await startCluster(scene, {
      sentinels: ["ours", "c", "c"],
      redis: {
        config: [`requirepass ${OLD}`, `masterauth ${OLD}`],
        credentials: { password: OLD },
      },
      sentinelCredentials: { password: OLD },
      sentinelConfig: () => [`sentinel auth-pass mymaster ${OLD}`, `requirepass ${OLD}`],
    });
    const { master, redises, sentinels } = cluster;
    const [ours] = sentinels;
    assert.ok(ours);
    const id = await ours.myId();
    const nodes: readonly ServerNode[] = [...redises, ...sentinels.slice(1)];
    const before = await Promise.all(nodes.map((node) => connectionsTo(node, id)));
    assert.deepEqual(
      before.map(({ length }) => length),
      [2, 2, 2, 1, 1],
    );
    // All accept both, then ours says the new one, then the old one is gone.
    for (const node of nodes) await node.call("ACL", "SETUSER", "default", `>${NEW}`);
    assert.equal(await ours.call("SENTINEL", "SET", "mymaster", "auth-pass", NEW), "OK");
    assert.equal(await ours.call("SENTINEL", "CONFIG", "SET", "sentinel-pass", NEW), "OK");
    for (const node of nodes) await node.call("ACL", "SETUSER", "default", `<${OLD}`);
    await scene.until("a round of PINGs and questions later", async () => {
      const row = await ours.master();
      return Number(row["last-ok-ping-reply"]) < 500 && row.flags === "master";
    });
    const after = await Promise.all(nodes.map((node) => connectionsTo(node, id)));
    assert.deepEqual(after, before);
    assert.equal(ours.events.has("+sdown"), false);
    assert.ok(ours.configText.includes(NEW));
    // What it says next time is right, too.
    await master.call("CLIENT", "KILL", "TYPE", "normal");
    await scene.until("it is back with the new password", async () => {
      const row = await ours.master();
      return row.flags === "master" && (await connectionsTo(master, id)).length === 2;
    });
    assert.equal(await ours.masterAddress(), master.address);
    assert.equal(ours.child.log.has(/refuses the new credentials/), false);
  },
);
