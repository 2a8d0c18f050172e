import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { bytesOf } from "../../src/base/bytes.ts";
import { createServer } from "../../src/server/server.ts";
import { listenerOptions } from "../../src/server/tls-options.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.ts";
import { Client, DEFAULT_CONFIG, FakeHost } from "./harness.ts";

// The configuration gives paths as byte strings; the file system wants text.

function foreignFolder(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, "d\u00e9j\u00e0-\u65e5");
  mkdirSync(folder);
  return folder;
}

test("the unix socket and the ACL file may have names beyond ASCII", async (t) => {
  const folder = foreignFolder(t);
  const [unixsocket, aclfile] = [join(folder, "s"), join(folder, "users.acl")];
  writeFileSync(aclfile, "user default on nopass ~* &* +@all\n");
  const paths = { unixsocket: bytesOf(unixsocket), aclfile: bytesOf(aclfile) };
  const host = new FakeHost();
  const server = createServer({ ...DEFAULT_CONFIG, ...paths }, host);
  t.after(() => server.close());
  await server.listen();
  const client = await Client.open(connect(unixsocket));
  assert.equal(await client.ask("ACL", "SETUSER", "someone"), "+OK");
  assert.equal(await client.ask("ACL", "SAVE"), "+OK");
  assert.match(readFileSync(aclfile, "latin1"), /^user someone /m);
  server.close();
  await client.untilClosed();
  assert.ok(!existsSync(unixsocket));
});

test("so may TLS files, and a passphrase", (t) => {
  const folder = foreignFolder(t);
  const [certFile, keyFile] = [join(folder, "c.pem"), join(folder, "k.pem")];
  writeFileSync(certFile, CERTIFICATE);
  writeFileSync(keyFile, PRIVATE_KEY);
  // As `openssl rehash` names them; OpenSSL looks at no other.
  const authorities = join(folder, "authorities");
  mkdirSync(authorities);
  writeFileSync(join(authorities, "9d66eef0.0"), CERTIFICATE);
  writeFileSync(join(authorities, "README"), "not a certificate");
  const tls = {
    ...DEFAULT_CONFIG.tls,
    certFile: bytesOf(certFile),
    keyFile: bytesOf(keyFile),
    keyFilePass: bytesOf("\u00fcber"),
    caCertDir: bytesOf(authorities),
  };
  const options = listenerOptions(tls);
  assert.equal(String(options.cert), CERTIFICATE);
  assert.equal(options.passphrase, "\u00fcber");
  assert.deepEqual(options.ca, [Buffer.from(CERTIFICATE)]);
});
