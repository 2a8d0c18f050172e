import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { sceneTest } from "../support/scene.ts";

sceneTest("a failover works where every connection is TLS", async (scene) => {
  const { certificate, key } = makeCertificate(scene.folder);
  const tls = {
    ca: readFileSync(certificate),
    cert: readFileSync(certificate),
    key: readFileSync(key),
  };
  const config = [
    `tls-cert-file ${certificate}`,
    `tls-key-file ${key}`,
    `tls-ca-cert-file ${certificate}`,
    "tls-replication yes",
  ];
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
  const { certificate, key } = makeCertificate(scene.folder);
  const pem = readFileSync(certificate);
  const tls = { ca: pem, cert: pem, key: readFileSync(key) };
  const config = [
    `tls-cert-file ${certificate}`,
    `tls-key-file ${key}`,
    `tls-ca-cert-file ${certificate}`,
    "tls-replication yes",
  ];
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

/** One self-signed certificate of 127.0.0.1 that serves as authority too. */
function makeCertificate(folder: string): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  const options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
  const args = ["req", "-x509", ...options, ...names, "-keyout", key, "-out", certificate];
  execFileSync("openssl", args, { stdio: "ignore" });
  return { certificate, key };
}
