import assert from "node:assert/strict";
import { makeCertificate } from "../support/certificate.ts";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { sceneTest } from "../support/scene.ts";

sceneTest("a failover works where every connection is TLS", async (scene) => {
  const { config, tls } = makeCertificate(scene.folder);
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c", "ours"],
    redis: { tls: true, config, credentials: { tls } },
    sentinelTls: true,
    sentinelCredentials: { tls },
    sentinelConfig: () => config,
  });
  await cluster.master.kill();
  const master = await newMaster(cluster, cluster.master);
  await onlyMaster(cluster, master);
});

sceneTest("Sentinels that know each other by their certificates alone fail over", async (scene) => {
  const { config, tls } = makeCertificate(scene.folder);
  const users = ["user default off -@all", "user 127.0.0.1 on allchannels +@all"];
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "ours", "ours"],
    redis: { tls: true, config, credentials: { tls } },
    sentinelTls: true,
    sentinelCredentials: { tls },
    sentinelConfig: () => [...config, ...users, "tls-auth-clients-user cn"],
  });
  const [first] = cluster.sentinels;
  assert.equal(await first?.call("ACL", "WHOAMI"), "127.0.0.1");
  assert.match(first?.configText ?? "", /^tls-auth-clients-user CN$/m);
  await cluster.master.kill();
  const master = await newMaster(cluster, cluster.master);
  await onlyMaster(cluster, master);
});
