import assert from "node:assert/strict";
import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { ask, rawConnection } from "../http/harness.ts";
import { Authority } from "../server/certificates.ts";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

/** Three Sentinels, and where each is asked. */
async function watched(scene: Scene): Promise<{ cluster: Cluster; ports: readonly number[] }> {
  const ports = [await scene.port(), await scene.port(), await scene.port()];
  const sentinelEnv = (index: number) => ({ REDIS_SENTINEL_TS_HTTP: `${ports[index]}` });
  return { cluster: await startCluster(scene, { sentinelEnv }), ports };
}

async function statusesOf(ports: readonly number[], path: string): Promise<readonly number[]> {
  return await Promise.all(ports.map(async (port) => (await ask(port, path)).status));
}

sceneTest("probes, the document and events tell of a failover as it goes", async (scene) => {
  const { cluster, ports } = await watched(scene);
  const { master: old, redises } = cluster;
  for (const path of ["/livez", "/readyz", "/quorumz", "/quorumz?name=mymaster", "/"]) {
    assert.deepEqual(await statusesOf(ports, path), [200, 200, 200], path);
  }
  const roleOf = async (what: string, node: { port: number }) =>
    await statusesOf(ports, `/is-${what}/mymaster/127.0.0.1/${node.port}`);
  assert.deepEqual(await roleOf("master", old), [200, 200, 200]);
  assert.deepEqual(await roleOf("replica", old), [503, 503, 503]);
  const [, replica] = redises;
  assert.ok(replica);
  assert.deepEqual(await roleOf("replica", replica), [200, 200, 200]);
  const [port = 0] = ports;
  // As HAProxy asks, and as Patroni is asked: who is beside us.
  const state = `UP 1/1; name=a/b; address=127.0.0.1; port=${replica.port}`;
  const byHaproxy = await ask(port, "/is-master/mymaster", {
    headers: { "X-Haproxy-Server-State": state },
  });
  assert.equal(byHaproxy.status, 503);
  assert.equal((await ask(port, "/is-master/mymaster")).status, 200);

  const events = rawConnection(port, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await scene.until("the stream begins", () => events.text.includes("\n\n"));
  await old.kill();
  const next = await newMaster(cluster, old);
  await scene.until("the switch is told", () => events.text.includes("event: +switch-master"));
  events.socket.destroy();
  assert.deepEqual(await roleOf("master", next), [200, 200, 200]);
  assert.deepEqual(await roleOf("master", old), [503, 503, 503]);
  const { masters } = JSON.parse((await ask(port, "/status")).body);
  assert.equal(masters[0].clientsGoTo.port, next.port);
  await old.restart();
  await onlyMaster(cluster, next);

  // Who has lost the others still knows the master: it may not be taken from its clients.
  const [first, ...others] = cluster.sentinels;
  await Promise.all(others.map((sentinel) => sentinel.kill()));
  await scene.until("no quorum", async () => (await ask(port, "/quorumz")).status === 503);
  assert.equal((await ask(port, "/readyz")).status, 200);
  assert.equal((await ask(port, "/livez")).status, 200);
  // Nobody was heard since its start: it knows no more than its file.
  await next.kill();
  await Promise.all(redises.filter((node) => node.running).map((node) => node.kill()));
  await first?.restart();
  await scene.until("it says why", async () => {
    const { status, body } = await ask(port, "/readyz");
    assert.equal(status, 503);
    return body.includes("neither it nor another Sentinel of it was heard yet");
  });
});

sceneTest("the token is read again, and a file that others may read is refused", async (scene) => {
  const port = await scene.port();
  const file = join(scene.folder, "token");
  writeFileSync(file, "0123456789abcdef\n", { mode: 0o600 });
  const sentinel = await scene.sentinel({
    config: ["sentinel monitor m 127.0.0.1 1 1"],
    env: { REDIS_SENTINEL_TS_HTTP: `127.0.0.1:${port}`, REDIS_SENTINEL_TS_HTTP_TOKEN_FILE: file },
  });
  await scene.until("it began", async () => (await ask(port, "/status")).status === 200);
  // As if it came from elsewhere.
  const by = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}`, via: "1.1 proxy" };
    return (await ask(port, "/status", { headers })).status;
  };
  assert.deepEqual([await by("0123456789abcdef"), await by("fedcba9876543210")], [200, 401]);
  const head =
    "GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 0123456789abcdef\r\n";
  const stream = rawConnection(port, `${head}Via: 1.1 proxy\r\n\r\n`);
  await scene.until("the stream begins", () => stream.text.includes("\n\n"));
  writeFileSync(file, "fedcba9876543210\n");
  sentinel.child.signal("SIGHUP");
  await scene.until("the new one", async () => (await by("fedcba9876543210")) === 200);
  assert.equal(await by("0123456789abcdef"), 401);
  await scene.until("it ends with its token", () => stream.text.endsWith("\r\n0\r\n\r\n"));
  stream.socket.destroy();
  chmodSync(file, 0o644);
  sentinel.child.signal("SIGHUP");
  await scene.until("the complaint", () =>
    sentinel.child.log.lines.some((line) => line.includes("chmod 600; the old tokens stay")),
  );
  assert.equal(await by("fedcba9876543210"), 200);
  await sentinel.stop();
  // Clients may be served before it is found.
  await sentinel.restart().catch(() => undefined);
  assert.equal((await sentinel.child.exited).code, 1);
  assert.match(sentinel.child.log.lines.join("\n"), /--http-token-file .*: others may read it/);
});

sceneTest(
  "with TLS it has the certificate of tls-cert-file, which is read again",
  async (scene) => {
    const authority = new Authority("an authority");
    try {
      const put = (name: string) => {
        const { certFile, keyFile } = authority.certificate(name);
        copyFileSync(certFile, join(scene.folder, "crt"));
        copyFileSync(keyFile, join(scene.folder, "key"));
      };
      put("first");
      const port = await scene.port();
      const sentinel = await scene.sentinel({
        config: [
          `tls-cert-file ${join(scene.folder, "crt")}`,
          `tls-key-file ${join(scene.folder, "key")}`,
          "sentinel monitor m 127.0.0.1 1 1",
        ],
        env: { REDIS_SENTINEL_TS_HTTP: `${port}`, REDIS_SENTINEL_TS_HTTP_TLS: "yes" },
      });
      const { socket, name } = await scene.until("it listens", () => overTls(port));
      assert.equal(name, "first");
      put("second");
      sentinel.child.signal("SIGHUP");
      await scene.until("the new one", async () => (await overTls(port)).name === "second");
      // The connection that was there stays.
      assert.match(await answerOn(socket), /^HTTP\/1\.1 200 OK/);
      const plain = rawConnection(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await plain.closed;
      assert.doesNotMatch(plain.text, /200/);
    } finally {
      authority.remove();
    }
  },
);

/** A connection without a certificate of its own, on which /livez was answered. */
async function overTls(port: number): Promise<{ socket: TLSSocket; name: string }> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  assert.match(await answerOn(socket), /^HTTP\/1\.1 200 OK/);
  return { socket, name: String(socket.getPeerCertificate().subject?.CN) };
}

async function answerOn(socket: TLSSocket): Promise<string> {
  const answer = new Promise<string>((resolve, reject) => {
    socket.once("data", (bytes) => resolve(bytes.toString()));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
  socket.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return await answer;
}
