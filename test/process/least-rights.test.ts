import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { toRecord } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";
import type { ServerNode } from "../support/server-node.ts";

// The users of docs/security.md, word for word, on real servers.

const root = fileURLToPath(import.meta.url.split("/dist/")[0] ?? "");
const secret = "of-the-sentinels";
const admin = { password: "of-the-admin" };
const everything = `user default on >${admin.password} ~* &* +@all`;

/** The rules of the user that the documentation gives. */
function documented(user: string): string {
  const text = readFileSync(`${root}/docs/security.md`, "utf8");
  const rules = new RegExp(`^user ${user} on >SECRET (.*)$`, "m").exec(text)?.[1];
  assert.ok(rules, `no user ${user} in docs/security.md`);
  return rules;
}

/** As the documentation of Redis has it since 6.2. */
const ofRedis =
  "allchannels +multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info +client|setname +client|kill +script|kill";

function serversWith(rules: string) {
  const config = [
    everything,
    `user sentinel on >${secret} ${rules}`,
    "user replica on >of-replicas -@all +psync +replconf +ping",
    "masteruser replica",
    "masterauth of-replicas",
  ];
  return { config, credentials: admin };
}

const asSentinel = [
  "sentinel auth-user mymaster sentinel",
  `sentinel auth-pass mymaster ${secret}`,
];

/** What was refused to the Sentinels, each once. */
async function refused(node: ServerNode): Promise<string[]> {
  const log = await node.call("ACL", "LOG");
  const entries = (Array.isArray(log) ? log : []).map((entry) => toRecord(entry).object ?? "");
  return [...new Set(entries)].toSorted();
}

for (const [what, rules] of [
  ["that we document", documented("sentinel")],
  ["that Redis documents", ofRedis],
] as const) {
  sceneTest(`a failover as a user of the servers with the rights ${what}`, async (scene) => {
    const cluster = await startCluster(scene, {
      sentinels: ["ours", "c", "ours"],
      redis: serversWith(rules),
      sentinelConfig: () => asSentinel,
    });
    const old = cluster.master;
    await old.kill();
    const master = await newMaster(cluster, old);
    await old.restart();
    await onlyMaster(cluster, master);
    const { sentinels, redises } = cluster;
    await scene.until("FAILOVER is accepted", async () => {
      return (await sentinels[0]?.call("SENTINEL", "FAILOVER", "mymaster")) === "OK";
    });
    await onlyMaster(cluster, await newMaster(cluster, master));
    for (const server of redises) assert.deepEqual(await refused(server), [], server.name);
  });
}

sceneTest("a script that hangs is killed with the least rights on its server", async (scene) => {
  const server = await scene.redis({
    ...serversWith(documented("sentinel")),
    config: [...serversWith(documented("sentinel")).config, "lua-time-limit 100"],
  });
  const lines = [
    `sentinel monitor mymaster 127.0.0.1 ${server.port} 1`,
    "sentinel down-after-milliseconds mymaster 500",
    ...asSentinel,
  ];
  const sentinel = await scene.sentinel({ config: lines });
  await scene.until("it is reached", async () => (await sentinel.master("mymaster"))?.runid !== "");
  const client = await server.connect();
  await assert.rejects(client.call("EVAL", "while true do end", "0"), /killed/i);
});

for (const [what, rules, denied] of [
  ["that we document", documented("peer"), []],
  [
    "that C needs",
    documented("peer").replace(" +sentinel|myid +sentinel|master +info", ""),
    ["info", "sentinel|master", "sentinel|myid"],
  ],
] as const) {
  sceneTest(`a dead master after a restart, with the rights on peers ${what}`, async (scene) => {
    await restartOnDeadMaster(scene, rules, denied);
  });
}

/** All questions of ours to peers are asked: a short down-after, and a master never seen alive. */
async function restartOnDeadMaster(
  scene: Scene,
  rules: string,
  denied: readonly string[],
): Promise<void> {
  const kinds: readonly SentinelKind[] = ["ours", "ours", "ours"];
  const cluster = await startCluster(scene, {
    sentinels: kinds,
    sentinelCredentials: admin,
    sentinelConfig: () => [
      everything,
      `user peer on >${secret} ${rules}`,
      "sentinel sentinel-user peer",
      `sentinel sentinel-pass ${secret}`,
    ],
  });
  const { sentinels, master } = cluster;
  await Promise.all(sentinels.map((node) => node.stop()));
  await master.kill();
  await Promise.all(sentinels.map((node) => node.restart()));
  await onlyMaster(cluster, await newMaster(cluster, master));
  const all = (await Promise.all(sentinels.map(refused))).flat();
  assert.deepEqual([...new Set(all)].toSorted(), denied);
}
