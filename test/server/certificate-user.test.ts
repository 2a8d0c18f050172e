import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, type TestContext, test } from "node:test";
import { type ConnectionOptions, connect as connectTls, type PeerCertificate } from "node:tls";
import type { TlsConfig } from "../../src/config/server-config.ts";
import { namesIn } from "../../src/server/certificate-user.ts";
import { releasePort, reservePort } from "../support/ports.ts";
import { Authority, type Certificate } from "./certificates.ts";
import { Client, DEFAULT_CONFIG, start } from "./harness.ts";

// tls-auth-clients-user: a client is the user that its certificate names.

const authority = new Authority("test authority");
const stranger = new Authority("another authority");
const own = authority.certificate("localhost");
after(() => {
  authority.remove();
  stranger.remove();
});

/** A server on TLS whose default user needs a password, and an operator beside it. */
async function secured(t: TestContext, overrides: Partial<TlsConfig>) {
  const tlsPort = await reservePort();
  t.after(() => releasePort(tlsPort));
  const tls = { ...DEFAULT_CONFIG.tls, ...own, caCertFile: authority.certFile, ...overrides };
  const bind = ["127.0.0.1"];
  const { connect, host } = await start(t, { tlsPort, bind, tls, requirepass: "secret" });
  const operator = await connect();
  await operator.ask("AUTH", "secret");
  const open = async (certificate: Certificate | null, more: ConnectionOptions = {}) => {
    const shown = certificate === null ? {} : pemOf(certificate);
    const ca = readFileSync(authority.certFile);
    const end = { port: tlsPort, host: "127.0.0.1", servername: "localhost", ca };
    const client = await Client.open(connectTls({ ...end, ...shown, ...more }));
    t.after(() => client.socket.destroy());
    return client;
  };
  const denied = async () =>
    Number(/tls_cert:(\d+)/.exec(await operator.ask("INFO", "stats"))?.[1] ?? "-1");
  return { operator, host, open, denied };
}

function pemOf({ certFile, keyFile }: Certificate) {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

test("CN: the enabled user of that name, and nobody else", async (t) => {
  const { operator, host, open, denied } = await secured(t, { authClientsUser: "CN" });
  const certificate = authority.certificate("watcher");
  const NOAUTH = /^-NOAUTH Authentication required/;

  const early = await open(certificate);
  assert.match(await early.ask("PING"), NOAUTH, "there is no such user yet");
  assert.equal(await denied(), 1);
  const log = await operator.ask("ACL", "LOG");
  assert.match(
    log,
    /"reason", "tls-cert", "context", "toplevel", "object", "", "username", "watcher"/,
  );

  await operator.ask("ACL", "SETUSER", "watcher", "off", ">pw", "+@all");
  assert.match(await (await open(certificate)).ask("PING"), NOAUTH, "the user is off");
  assert.equal(await denied(), 2);

  await operator.ask("ACL", "SETUSER", "watcher", "on");
  const client = await open(certificate);
  assert.equal(await client.ask("ACL", "WHOAMI"), '"watcher"');
  assert.equal(await denied(), 2);
  assert.ok(host.logged.some(([, text]) => /is user 'watcher' by its certificate$/.test(text)));
  assert.equal(await client.ask("AUTH", "secret"), "+OK");
  assert.equal(await client.ask("ACL", "WHOAMI"), '"default"');
  assert.equal(await early.ask("AUTH", "watcher", "pw"), "+OK", "a password is as good as before");
  await operator.ask("ACL", "DELUSER", "watcher");
  await early.untilClosed();
});

test("a name with a NUL is nobody's, whatever stands before it", async (t) => {
  const { operator, open, denied } = await secured(t, { authClientsUser: "CN" });
  await operator.ask("ACL", "SETUSER", "admin", "on", "nopass", "+@all");
  const client = await open(authority.certificate("admin@@@.example"));
  assert.match(await client.ask("PING"), /^-NOAUTH/);
  assert.equal(await denied(), 1);
});

test("a certificate without the name, or none at all, is no refusal", async (t) => {
  const { open, denied } = await secured(t, { authClientsUser: "CN", authClients: "optional" });
  for (const certificate of [authority.certificate(""), null]) {
    assert.match(await (await open(certificate)).ask("PING"), /^-NOAUTH/);
  }
  assert.equal(await denied(), 0);
});

test("a certificate that no authority of ours signed names nobody", async (t) => {
  const tls = { authClientsUser: "CN", authClients: "optional" } as const;
  const { operator, open, denied } = await secured(t, tls);
  await operator.ask("ACL", "SETUSER", "admin", "on", "nopass", "+@all");
  const forged = await open(stranger.certificate("admin"));
  assert.match(await forged.ask("PING"), /^-NOAUTH/);
  assert.equal(await denied(), 0);
  assert.equal(await (await open(authority.certificate("admin"))).ask("PING"), "+PONG");
});

test("URI: the first enabled user among the alternative names", async (t) => {
  const { operator, open, denied } = await secured(t, { authClientsUser: "URI" });
  const uris = "DNS:admin,URI:urn:admin@@@,URI:urn:off,URI:spiffe://x/ns/a,URI:urn:later";
  const certificate = authority.certificate("admin", uris);
  for (const name of ["admin", "urn:admin", "spiffe://x/ns/a", "urn:later"]) {
    await operator.ask("ACL", "SETUSER", name, "on", "nopass", "+@all");
  }
  await operator.ask("ACL", "SETUSER", "urn:off", "off", "+@all");
  assert.equal(await (await open(certificate)).ask("ACL", "WHOAMI"), '"spiffe://x/ns/a"');
  assert.equal(await denied(), 0);
  const other = await open(authority.certificate("admin", "DNS:admin,URI:urn:nobody"));
  assert.match(await other.ask("PING"), /^-NOAUTH/);
  assert.equal(await denied(), 1);
});

test("a resumed connection is the same user as the first", async (t) => {
  const { operator, open } = await secured(t, { authClientsUser: "CN" });
  await operator.ask("ACL", "SETUSER", "watcher", "on", "+@all");
  const certificate = authority.certificate("watcher");
  const sessions: Buffer[] = [];
  const first = await open(certificate);
  first.socket.on("session", (session: Buffer) => sessions.push(session));
  while (sessions.length === 0) assert.equal(await first.ask("ACL", "WHOAMI"), '"watcher"');
  const again = await open(certificate, { session: sessions[0] });
  assert.equal(await again.ask("ACL", "WHOAMI"), '"watcher"');
});

test("off, the default: a certificate is asked for and names nobody", async (t) => {
  const { operator, open, denied } = await secured(t, {});
  await operator.ask("ACL", "SETUSER", "watcher", "on", "nopass", "+@all");
  assert.match(await (await open(authority.certificate("watcher"))).ask("PING"), /^-NOAUTH/);
  assert.equal(await denied(), 0);
});

test("who asks nobody for a certificate is told that the directive has no effect", async (t) => {
  const { host } = await secured(t, { authClientsUser: "CN", authClients: "no" });
  assert.ok(host.logged.some(([, text]) => /tls-auth-clients-user has no effect/.test(text)));
});

test("alternative names are read one by one, and nothing in one makes another", () => {
  const uris = (subjectaltname: string) =>
    namesIn({ subjectaltname } as unknown as PeerCertificate, "URI");
  for (const [text, expected] of [
    ["", []],
    ["URI:urn:a", ["urn:a"]],
    ["DNS:x, URI:urn:a, IP Address:10.0.0.1, URI:urn:b", ["urn:a", "urn:b"]],
    ['DNS:"x, URI:admin", URI:urn:a', ["urn:a"]],
    ['DNS:"x\\", URI:admin, y", URI:urn:a', ["urn:a"]],
    ['URI:"a,b"', ["a,b"]],
    ['URI:"a\\u0000b", URI:c', ["a\0b", "c"]],
    ["URI:, URI:c", ["", "c"]],
    ['URI:urn:a, DNS:"never closed', []],
    ["what is this", []],
  ] as const) {
    assert.deepEqual(uris(text), expected, text);
  }
  const cn = (CN: unknown) => namesIn({ subject: { CN } } as PeerCertificate, "CN");
  assert.deepEqual(cn("a"), ["a"]);
  assert.deepEqual(cn(["first", "second"]), ["first"]);
  assert.deepEqual(cn("caf\u00e9"), ["caf\xc3\xa9"]);
  assert.deepEqual(cn(undefined), []);
  assert.deepEqual(namesIn({} as PeerCertificate, "CN"), []);
  assert.deepEqual(namesIn({} as PeerCertificate, "URI"), []);
});
