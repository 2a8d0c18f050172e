import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { Authority } from "../server/certificates.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import { connection } from "../support/tls-connection.ts";
import { within } from "../support/until.ts";

const authority = new Authority("an authority");
after(() => authority.remove());

sceneTest(
  "TLS files on a file system that hangs hold up neither the Sentinel nor its end [D-RENEWED]",
  async (scene) => {
    const { sentinel, tlsPort } = await launch(scene);
    const client = await RespClient.open({ port: sentinel.port });
    // Who opens a pipe waits for somebody to write, as for a server of files that is gone.
    const pipe = join(scene.folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    renameSync(pipe, join(scene.folder, "crt"));
    sentinel.child.signal("SIGHUP");
    await scene.until("it has heard", () =>
      sentinel.child.log.lines.some((line) => line.includes("Received SIGHUP")),
    );
    assert.equal(await within(client.call("PING"), 10_000, "PONG"), "PONG");
    assert.equal((await connection(tlsPort)).name, "first");
    // The look that hangs has a second to end.
    const since = Date.now();
    await scene.until("it hangs", () => Date.now() - since > 1_100);
    sentinel.child.signal("SIGTERM");
    await within(sentinel.child.exited, 10_000, "the end");
  },
);

sceneTest("+tls-error tells of files that cannot be used, -tls-error of its end", async (scene) => {
  const { sentinel, tlsPort, put } = await launch(scene);
  const told = (name: string) => sentinel.events.events.find(({ channel }) => channel === name);
  copyFileSync(authority.certificate("other").certFile, join(scene.folder, "crt"));
  sentinel.child.signal("SIGHUP");
  await scene.until("the error", () => told("+tls-error"));
  assert.match(
    told("+tls-error")?.payload ?? "",
    /^listener #the old files stay in use: .*key values mismatch$/,
  );
  assert.equal((await connection(tlsPort)).name, "first");
  put("second");
  sentinel.child.signal("SIGHUP");
  await scene.until("its end", () => told("-tls-error"));
  assert.equal(told("-tls-error")?.payload, "listener");
  assert.equal((await connection(tlsPort)).name, "second");
  const lines = sentinel.child.log.lines.join("\n");
  assert.match(lines, /# \+tls-error listener #the old files stay in use: /);
});

sceneTest("renewed files are found by themselves", async (scene) => {
  const { tlsPort, put } = await launch(scene, ["tls-auto-reload-interval 1"]);
  put("second");
  await scene.until("it shows the new one", async () => {
    return (await connection(tlsPort)).name === "second";
  });
});

async function launch(scene: Scene, lines: readonly string[] = []) {
  const put = (name: string) => {
    const { certFile, keyFile } = authority.certificate(name);
    copyFileSync(certFile, join(scene.folder, "crt"));
    copyFileSync(keyFile, join(scene.folder, "key"));
  };
  put("first");
  const tlsPort = await scene.port();
  const sentinel = await scene.sentinel({
    config: [
      `tls-port ${tlsPort}`,
      `tls-cert-file ${join(scene.folder, "crt")}`,
      `tls-key-file ${join(scene.folder, "key")}`,
      "tls-auth-clients no",
      ...lines,
    ],
  });
  return { sentinel, tlsPort, put };
}
