import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { Authority } from "../server/certificates.ts";
import { writeText } from "../support/files.ts";
import { RespClient } from "../support/resp-client.ts";
import { sceneTest } from "../support/scene.ts";
import { sentinelCommand } from "../support/sentinel-node.ts";
import { connection, stillAnswers } from "../support/tls-connection.ts";

// Settings of the process change while it runs, all or none, and are in the file before OK [D-LIVE-SETTINGS].

const authority = new Authority("an authority");
after(() => authority.remove());

const MONITOR = "sentinel monitor mymaster 127.0.0.1 1 1";

/** `SENTINEL CONFIG`, an error as its text. */
function config(client: RespClient, ...words: readonly string[]): Promise<unknown> {
  return client.call("SENTINEL", "CONFIG", ...words).catch(String);
}

sceneTest(
  "limits and the password are set in one command, and a C Sentinel finds them",
  async (scene) => {
    const node = await scene.sentinel({ config: [MONITOR, "user ops on >opspw +@all"] });
    const client = await node.connect();
    const words = "timeout 100 maxclients 50 tcp-keepalive 60 acllog-max-len 2 requirepass s3cret";
    assert.equal(await config(client, "SET", ...words.split(" ")), "OK");
    for (const line of ["timeout 100", "maxclients 50", "tcp-keepalive 60", "acllog-max-len 2"]) {
      assert.match(node.configText, new RegExp(`^${line}$`, "m"));
    }
    assert.match(node.configText, /^requirepass "s3cret"$/m);
    assert.deepEqual(await config(client, "GET", "timeout", "maxclients", "requirepass"), [
      ...["timeout", "100", "maxclients", "50"],
    ]);
    assert.match(String(await client.call("INFO", "clients")), /^maxclients:50\r$/m);
    client.close();
    // A stranger needs the password now; users keep theirs, also after a restart and for C.
    let { child } = node;
    for (const kind of ["as it runs", "ours", "c"] as const) {
      if (kind !== "as it runs") {
        await child.stop();
        child = scene.spawn({ name: kind, command: [...sentinelCommand(kind), node.file] });
      }
      const stranger = await scene.until("it answers", () => RespClient.open({ port: node.port }));
      await assert.rejects(stranger.call("PING"), /NOAUTH/, kind);
      for (const name of ["a", "b", "c", "d"]) {
        await assert.rejects(stranger.call("AUTH", name, "x"), /WRONGPASS/, kind);
      }
      assert.equal(await stranger.call("AUTH", "s3cret"), "OK", kind);
      const refusals = await stranger.call("ACL", "LOG");
      assert.equal(Array.isArray(refusals) && refusals.length, 2, kind);
      assert.equal(await stranger.call("AUTH", "ops", "opspw"), "OK", kind);
      stranger.close();
    }
  },
);

sceneTest("what cannot be used changes nothing, with all that stands beside it", async (scene) => {
  const included = writeText(scene.folder, "more.conf", ["tcp-keepalive 77"]);
  const node = await scene.sentinel({ config: [MONITOR, `include ${included}`] });
  const client = await node.connect();
  assert.equal(await client.call("SENTINEL", "FLUSHCONFIG"), "OK");
  const before = node.configText;
  for (const [words, reason] of [
    [
      "timeout 5 maxclients 0",
      /Invalid value to SENTINEL CONFIG SET 'maxclients': argument must be/,
    ],
    ["timeout 5 maxclients 4000000000", /not able to handle the specified number of clients/],
    ["timeout 5 tcp-keepalive 1", /is said by the included file .*more\.conf/],
    ["timeout 5 port 1", /Invalid argument 'port' to SENTINEL CONFIG SET/],
    ["timeout 5 TIMEOUT 6", /Duplicate argument 'TIMEOUT'/],
  ] as const) {
    assert.match(String(await config(client, "SET", ...words.split(" "))), reason);
  }
  assert.deepEqual(await config(client, "GET", "timeout"), ["timeout", "0"]);
  assert.equal(node.configText, before);
  // A pattern finds what it finds with C.
  assert.equal(String(await config(client, "GET", "*")).includes("timeout"), false);
  client.close();
});

sceneTest("certificates change in one command, and connections stay [D-RENEWED]", async (scene) => {
  const put = (name: string) => {
    const { certFile, keyFile } = authority.certificate(name);
    copyFileSync(certFile, join(scene.folder, `${name}.crt`));
    copyFileSync(keyFile, join(scene.folder, `${name}.key`));
    return [
      `tls-cert-file ${scene.folder}/${name}.crt`,
      `tls-key-file ${scene.folder}/${name}.key`,
    ];
  };
  const [port, tlsPort] = [await scene.port(), await scene.port()];
  const lines = [`port ${port}`, `tls-port ${tlsPort}`, "bind 127.0.0.1", "tls-auth-clients no"];
  const file = writeText(scene.folder, "s.conf", [...lines, ...put("first"), MONITOR]);
  scene.spawn({ name: "tls", command: [...sentinelCommand("ours"), file] });
  const client = await scene.until("it answers", () => RespClient.open({ port }));
  const before = await connection(tlsPort);
  assert.equal(before.name, "first");
  const [cert = "", key = ""] = put("second");
  const half = await config(client, "SET", ...cert.split(" "));
  assert.match(String(half), /Unable to update TLS configuration: TLS: key values mismatch/);
  const gone = await config(client, "SET", "tls-cert-file", "/nowhere", ...key.split(" "));
  assert.match(String(gone), /certificate: \/nowhere: No such file or directory/);
  assert.equal((await connection(tlsPort)).name, "first");
  assert.equal(await config(client, "SET", ...cert.split(" "), ...key.split(" ")), "OK");
  assert.equal((await connection(tlsPort)).name, "second");
  await stillAnswers(before.socket);
  assert.match(readFileSync(file, "utf8"), /second\.crt"$/m);
  client.close();
});
