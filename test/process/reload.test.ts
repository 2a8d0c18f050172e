import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { Authority } from "../server/certificates.ts";
import { writeText } from "../support/files.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import { sentinelCommand } from "../support/sentinel-node.ts";
import { connection, stillAnswers } from "../support/tls-connection.ts";

const authority = new Authority("an authority");
after(() => authority.remove());

sceneTest(
  "SIGHUP reads certificates, users and the log's name again, and no connection is lost [D-RELOAD]",
  async (scene) => {
    const put = (name: string) => {
      const { certFile, keyFile } = authority.certificate(name);
      copyFileSync(certFile, join(scene.folder, "crt"));
      copyFileSync(keyFile, join(scene.folder, "key"));
    };
    put("first");
    const { child, port, tlsPort, log } = await launch(scene);
    const before = await connection(tlsPort);
    assert.equal(before.name, "first");
    const plain = await RespClient.open({ port });
    const signal = async (told: RegExp) => {
      child.signal("SIGHUP");
      await scene.until(`${told}`, () => existsSync(log) && told.test(readFileSync(log, "utf8")));
    };
    put("second");
    writeText(scene.folder, "users.acl", [
      "user default on nopass +@all &*",
      "user new on >pw +ping",
    ]);
    renameSync(log, `${log}.1`);
    await signal(
      /Received SIGHUP[\s\S]*The ACL file was read again[\s\S]*TLS files of the listener/,
    );
    assert.equal((await connection(tlsPort)).name, "second");
    await stillAnswers(before.socket);
    assert.equal(await plain.call("AUTH", "new", "pw"), "OK");
    // What cannot be used changes nothing.
    writeText(scene.folder, "users.acl", ["user new on >pw +nonsense"]);
    writeText(scene.folder, "crt", ["no certificate"]);
    await signal(/users\.acl:1: [\s\S]*\+tls-error listener #the old files stay in use/);
    assert.equal((await connection(tlsPort)).name, "second");
    assert.equal(await plain.call("AUTH", "new", "pw"), "OK");
    plain.close();
  },
);

async function launch(scene: Scene) {
  const [port, tlsPort] = [await scene.port(), await scene.port()];
  const log = join(scene.folder, "s.log");
  writeText(scene.folder, "users.acl", ["user default on nopass +@all &*"]);
  const file = writeText(scene.folder, "s.conf", [
    `port ${port}`,
    `tls-port ${tlsPort}`,
    "bind 127.0.0.1",
    `logfile ${log}`,
    `aclfile ${join(scene.folder, "users.acl")}`,
    `tls-cert-file ${join(scene.folder, "crt")}`,
    `tls-key-file ${join(scene.folder, "key")}`,
    "tls-auth-clients no",
    "sentinel monitor m 127.0.0.1 1 1",
  ]);
  const child = scene.spawn({ name: "reloads", command: [...sentinelCommand("ours"), file] });
  await scene.until("it answers", () =>
    RespClient.open({ port }).then((client) => client.call("PING").finally(() => client.close())),
  );
  return { child, port, tlsPort, log };
}
