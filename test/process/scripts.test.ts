import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { writeScript } from "../support/files.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

/** Events at level warning, which are the ones that notification scripts hear of. */
const notified =
  /^([+-](monitor|[so]down)|-failover-abort-not-elected|\+(new-epoch|vote-for-leader|try-failover|elected-leader|failover-state-(select-slave|reconf-slaves)|selected-slave|promoted-slave|failover-end|switch-master|config-update-from))$/;

sceneTest("scripts hear of a failover with the arguments of Redis Sentinel", async (scene) => {
  const folder = scene.folder;
  const notify = writeScript(folder, "notify.sh", [
    `printf '%s|%s|%s\\n' "$#" "$1" "$2" >> ${folder}/notify-$PPID`,
  ]);
  const reconfig = writeScript(folder, "reconfig.sh", [
    `printf '%s|%s\\n' "$#" "$*" >> ${folder}/reconfig-$PPID`,
  ]);
  const cluster = await startCluster(scene, {
    sentinelConfig: () => [
      `sentinel notification-script mymaster ${notify}`,
      `sentinel client-reconfig-script mymaster ${reconfig}`,
    ],
  });
  const old = cluster.master;
  await old.kill();
  const master = await newMaster(cluster, old);
  await onlyMaster(cluster, master);
  for (const node of cluster.sentinels) {
    await node.events.next("+switch-master");
    const role = node.events.has("+promoted-slave") ? "leader" : "observer";
    const addresses = `127.0.0.1 ${old.port} 127.0.0.1 ${master.port}`;
    await scene.until(`the reconfig script of ${node.name} ran`, () => {
      const [call] = callsOf(node, folder, "reconfig");
      return call === `7|mymaster ${role} start ${addresses}`;
    });
    await scene.until(`${node.name} notified of each event`, () => {
      const calls = callsOf(node, folder, "notify").filter((call) => !isMonitor(call));
      assert.deepEqual([...calls].sort(), [...expectedCalls(node)].sort());
      return true;
    });
  }
});

sceneTest(
  "a script that fails is reported, one that hangs does not hold the rest",
  async (scene) => {
    const folder = scene.folder;
    const script = writeScript(folder, "odd.sh", [
      `case "$2" in *" quorum 2") exec sleep 600;; *" quorum 3") exit 2;; esac`,
      `echo "$2" >> ${folder}/odd-calls`,
    ]);
    const node = await scene.sentinel({
      config: [
        "sentinel monitor mymaster 127.0.0.1 1 1",
        `sentinel notification-script mymaster ${script}`,
      ],
    });
    for (const quorum of ["2", "3", "4"]) {
      await node.call("SENTINEL", "SET", "mymaster", "quorum", quorum);
    }
    const error = await node.events.next("-script-error");
    assert.equal(error.payload, `${script} 0 2`);
    await scene.until("the last script ran while the first hangs", () =>
      existsSync(join(folder, "odd-calls"))
        ? readFileSync(join(folder, "odd-calls"), "utf8").includes("quorum 4")
        : false,
    );
  },
);

/** `<count of arguments>|<first>|<rest>` as the scripts wrote them. */
function callsOf(node: SentinelNode, folder: string, script: string): readonly string[] {
  const path = join(folder, `${script}-${node.child.pid}`);
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

function expectedCalls(node: SentinelNode): readonly string[] {
  return node.events.events
    .filter(({ channel }) => notified.test(channel) && channel !== "+monitor")
    .map(({ channel, payload }) => `2|${channel}|${payload}`);
}

/** Said before anybody can subscribe. */
function isMonitor(call: string): boolean {
  return call.startsWith("2|+monitor|");
}
