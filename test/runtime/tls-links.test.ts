import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { createServer } from "node:tls";
import type { TlsConfig } from "../../src/config/server-config.ts";
import type { Input } from "../../src/core/input.ts";
import { Dialer } from "../../src/runtime/links/dialer.ts";
import { Links } from "../../src/runtime/links/links.ts";
import { clientOptions, TlsClient } from "../../src/runtime/links/tls-client.ts";
import { connectionId, requestId } from "../support/ids.ts";
import { fakeServer, freePort, Mailbox, realRedis } from "./support.ts";

let folder = "";

before(() => {
  folder = mkdtempSync(join(tmpdir(), "sentinel-tls-"));
  authority("ca");
  authority("other-ca");
  certificate("server", "ca", "Generic-cert");
  certificate("client", "ca", "Client-only");
  certificate("stranger", "other-ca", "Stranger");
});

after(() => rmSync(folder, { recursive: true, force: true }));

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
}

function authority(name: string): void {
  const subject = ["-subj", `/CN=${name}`, "-days", "30", "-nodes"];
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.crt`,
    ...subject,
  );
}

/** As redis's own gen-test-certs.sh: a name that is no host's. */
function certificate(name: string, ca: string, commonName: string): void {
  openssl(
    "req",
    "-new",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
    "-subj",
    `/CN=${commonName}`,
  );
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    `${ca}.crt`,
    "-CAkey",
    `${ca}.key`,
    "-CAcreateserial",
    "-days",
    "30",
    "-out",
    `${name}.crt`,
  );
}

function file(name: string): string {
  return join(folder, name);
}

const NO_TLS: TlsConfig = {
  certFile: null,
  keyFile: null,
  keyFilePass: null,
  clientCertFile: null,
  clientKeyFile: null,
  clientKeyFilePass: null,
  dhParamsFile: null,
  caCertFile: null,
  caCertDir: null,
  authClients: "yes",
  authClientsUser: "off",
  autoReloadSeconds: 0,
  protocols: null,
  ciphers: null,
  ciphersuites: null,
  groups: null,
  expectedPeerNames: [],
  preferServerCiphers: false,
};

function ours(overrides: Partial<TlsConfig> = {}): TlsConfig {
  const certFile = file("server.crt");
  return {
    ...NO_TLS,
    certFile,
    keyFile: file("server.key"),
    caCertFile: file("ca.crt"),
    ...overrides,
  };
}

interface Harness {
  readonly links: Links;
  readonly inputs: Mailbox<Input>;
  readonly warnings: string[];
  readonly tls: TlsClient;
}

const NOBODY = { renewed: () => undefined, trouble: () => undefined };

function linksWith(t: TestContext, config: TlsConfig): Harness {
  const inputs = new Mailbox<Input>();
  const warnings: string[] = [];
  const trouble = (_user: string, problem: string | null) => warnings.push(problem ?? "ended");
  const tls = new TlsClient(config, { renewed: () => undefined, trouble });
  const links = new Links(new Dialer(null, tls), inputs.put);
  t.after(() => links.closeAll());
  return { links, inputs, warnings, tls };
}

function connect(links: Links, port: number, connection = 1, host = "127.0.0.1"): void {
  links.connect({
    type: "connect",
    connection: connectionId(connection),
    purpose: "command",
    host,
    ip: "127.0.0.1",
    port,
  });
}

async function tlsRedis(t: TestContext): Promise<number> {
  const port = await freePort();
  const files = ["--tls-cert-file", file("server.crt"), "--tls-key-file", file("server.key")];
  await realRedis(t, "--tls-port", String(port), ...files, "--tls-ca-cert-file", file("ca.crt"));
  return port;
}

async function outcome(inputs: Mailbox<Input>, connection = 1): Promise<string> {
  const input = await inputs.take(
    (candidate) =>
      (candidate.type === "linkUp" || candidate.type === "linkDown") &&
      candidate.connection === connection,
  );
  return input.type === "linkDown" ? input.reason : input.type;
}

async function ping(links: Links, inputs: Mailbox<Input>, connection = 1): Promise<Input> {
  links.send({
    type: "send",
    connection: connectionId(connection),
    request: requestId(9),
    args: ["PING"],
    asksInfo: false,
    subscribes: false,
  });
  return inputs.take(({ type }) => type === "reply" || type === "linkDown");
}

test("a link over TLS, with the server's certificate or a client's own", async (t) => {
  const port = await tlsRedis(t);
  const own = { clientCertFile: file("client.crt"), clientKeyFile: file("client.key") };
  for (const config of [ours(), ours(own), ours({ protocols: "TLSv1.2" })]) {
    const { links, inputs } = linksWith(t, config);
    connect(links, port);
    assert.equal(await outcome(inputs), "linkUp");
    const answer = await ping(links, inputs);
    assert.ok(answer.type === "reply" && answer.reply.type === "bulk");
  }
});

test("a folder of authorities and a key with a passphrase", async (t) => {
  const caCertDir = file("authorities");
  mkdirSync(caCertDir);
  const hash = execFileSync("openssl", ["x509", "-hash", "-noout", "-in", file("ca.crt")]);
  copyFileSync(file("ca.crt"), join(caCertDir, `${hash.toString().trim()}.0`));
  writeFileSync(join(caCertDir, "README"), "not a certificate");
  openssl("rsa", "-aes256", "-in", "client.key", "-out", "locked.key", "-passout", "pass:secret");
  const own = { clientCertFile: file("client.crt"), clientKeyFile: file("locked.key") };
  const port = await tlsRedis(t);
  const { links, inputs } = linksWith(
    t,
    ours({ caCertFile: null, caCertDir, clientKeyFilePass: "secret", ...own }),
  );
  connect(links, port);
  assert.equal(await outcome(inputs), "linkUp");
  assert.equal((await ping(links, inputs)).type, "reply");
});

test("the name in a certificate is not compared, as in the reference", async (t) => {
  const { links, inputs } = linksWith(t, ours());
  connect(links, await tlsRedis(t), 1, "redis-1.example.org");
  assert.equal(await outcome(inputs), "linkUp");
});

test("tls-expected-peer-name: one of the names is in the certificate, or it is refused [D-PEER-NAME]", async (t) => {
  const port = await tlsRedis(t);
  const cases = [
    [["elsewhere", "Generic-cert"], "linkUp"],
    [
      ["elsewhere"],
      "TLS: its certificate is not valid here: it has none of the names of tls-expected-peer-name",
    ],
  ] as const;
  for (const [expectedPeerNames, expected] of cases) {
    const { links, inputs } = linksWith(t, ours({ expectedPeerNames }));
    connect(links, port);
    assert.equal(await outcome(inputs), expected);
  }
});

test("a server of another authority is refused with the reason", async (t) => {
  const port = await tlsRedis(t);
  const { links, inputs } = linksWith(t, ours({ caCertFile: file("other-ca.crt") }));
  connect(links, port);
  assert.match(await outcome(inputs), /certificate|issuer/i);
});

test("a server that refuses our certificate is a linkDown with the reason", async (t) => {
  const port = await tlsRedis(t);
  const config = ours({ certFile: file("stranger.crt"), keyFile: file("stranger.key") });
  const { links, inputs } = linksWith(t, config);
  connect(links, port);
  const first = await outcome(inputs);
  const reason = first === "linkUp" ? await outcome(inputs) : first;
  assert.match(reason, /unknown ca|alert|certificate/i);
});

test("tls-groups are those of links, too", async (t) => {
  const [cert, key] = [readFileSync(file("server.crt")), readFileSync(file("server.key"))];
  const server = createServer({ cert, key, ecdhCurve: "P-384" });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const outcomes = ["X25519:P-384", "X25519"].map(async (groups) => {
    const { links, inputs } = linksWith(t, ours({ groups }));
    connect(links, port);
    return await outcome(inputs);
  });
  const [able, unable] = await Promise.all(outcomes);
  assert.equal(able, "linkUp");
  assert.match(unable ?? "", /handshake/);
});

test("a tls-ca-cert-dir without certificates trusts nobody, not every public authority", () => {
  const caCertDir = file("no-authorities");
  mkdirSync(caCertDir);
  assert.deepEqual(clientOptions(ours({ caCertFile: null, caCertDir })).ca, []);
});

test("a misspelt tls-protocols is told as for the listener", () => {
  assert.throws(() => new TlsClient(ours({ protocols: "TLSv1.2 TSLv1.3" }), NOBODY), {
    message: /^Invalid tls-protocols specified/,
  });
});

test("a server without TLS is a linkDown", async (t) => {
  const { links, inputs } = linksWith(t, ours());
  connect(links, await fakeServer(t, (socket) => socket.write("-ERR plain text\r\n")));
  const reason = await outcome(inputs);
  assert.notEqual(reason, "linkUp");
  assert.doesNotMatch(reason, /:error:/);
});

test("a renewed certificate is taken up without a restart, a broken one is not [D-RENEWED]", async (t) => {
  const port = await tlsRedis(t);
  const certFile = file("renewed.crt");
  const keyFile = file("renewed.key");
  copyFileSync(file("stranger.crt"), certFile);
  copyFileSync(file("stranger.key"), keyFile);
  const { links, inputs, warnings, tls } = linksWith(t, ours({ certFile, keyFile }));
  connect(links, port, 1);
  await inputs.take(({ type }) => type === "linkDown");
  copyFileSync(file("client.crt"), certFile);
  copyFileSync(file("client.key"), keyFile);
  utimesSync(certFile, 1, 1);
  for (const [connection, warned] of [
    [2, 0],
    [3, 1],
    [4, 1],
  ] as const) {
    await tls.files.refresh(true);
    connect(links, port, connection);
    assert.equal(await outcome(inputs, connection), "linkUp");
    assert.equal((await ping(links, inputs, connection)).type, "reply");
    assert.equal(warnings.length, warned);
    writeFileSync(certFile, "half a cert");
  }
});

test("a file that is missing is told at the start", () => {
  const config = ours({ caCertFile: file("missing.crt") });
  assert.throws(() => new TlsClient(config, NOBODY), /No such file or directory/);
});
