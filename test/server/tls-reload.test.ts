import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { releasePort, reservePort } from "../support/ports.ts";
import { Authority, type Certificate } from "./certificates.ts";
import { Client, DEFAULT_CONFIG, start } from "./harness.ts";

// The listener's files are read again when they changed, once somebody looks at them.

const authority = new Authority("old authority");
const newAuthority = new Authority("new authority");
after(() => {
  authority.remove();
  newAuthority.remove();
});

/** A listener whose files stand in a folder behind a link, as in a mounted secret. */
async function renewable(t: TestContext) {
  const folder = join(authority.folder, `live-${await reservePort()}`);
  mkdirSync(folder);
  let versions = 0;
  const put = (certificate: Certificate, key = certificate.keyFile, ca = authority): void => {
    const version = join(folder, `v${++versions}`);
    mkdirSync(version);
    copyFileSync(certificate.certFile, join(version, "crt"));
    copyFileSync(key, join(version, "key"));
    copyFileSync(ca.certFile, join(version, "ca"));
    symlinkSync(version, join(folder, "next"));
    renameSync(join(folder, "next"), join(folder, "live"));
  };
  const first = authority.certificate("first");
  put(first);
  const tlsPort = await reservePort();
  t.after(() => releasePort(tlsPort));
  const live = (name: string) => join(folder, "live", name);
  const files = { certFile: live("crt"), keyFile: live("key"), caCertFile: live("ca") };
  const tls = { ...DEFAULT_CONFIG.tls, ...files };
  const { host, server } = await start(t, { tlsPort, bind: ["127.0.0.1"], tls });
  const tickets: Buffer[] = [];
  /** Whose certificate a new connection is shown. */
  const shown = async (client: Certificate = first, session?: Buffer) => {
    const pem = { cert: readFileSync(client.certFile), key: readFileSync(client.keyFile) };
    const end = { port: tlsPort, host: "127.0.0.1", servername: "localhost" };
    const socket: TLSSocket = connectTls({
      ...{ ...end, ...pem, session },
      rejectUnauthorized: false,
    });
    t.after(() => socket.destroy());
    socket.on("session", (ticket: Buffer) => tickets.push(ticket));
    const opened = await Client.open(socket);
    opened.send("PING");
    const reply = await opened.reply().catch(() => "closed");
    return reply === "+PONG" ? String(socket.getPeerCertificate().subject?.CN) : reply;
  };
  const endsAt = () => server.certificateEndsAt;
  const look = async (isAsked = false) => await server.tlsFiles?.refresh(isAsked);
  const config = { ...DEFAULT_CONFIG, tls };
  const configure = () => server.configure(structuredClone(config));
  return { configure, endsAt, folder, live, look, put, shown, tickets, told: host.tlsTold };
}

test("new files are in use at the first connection after a look", async (t) => {
  const { endsAt, look, put, shown, told } = await renewable(t);
  await look();
  assert.equal(await shown(), "first");
  put(authority.certificate("second", undefined, 60));
  assert.equal(await shown(), "first");
  const firstEndsAt = endsAt() ?? 0;
  await look();
  assert.equal(await shown(), "second");
  const laterByDays = ((endsAt() ?? 0) - firstEndsAt) / 86_400_000;
  assert.ok(laterByDays > 29.9 && laterByDays < 30.1, `${laterByDays}`);
  assert.deepEqual(told, ["renewed"]);
  await look();
  assert.equal(await shown(), "second");
  assert.deepEqual(told, ["renewed"], "they are read only when they changed");
});

test("a new authority lets its clients in and those of the old one no more", async (t) => {
  const { look, put, shown, tickets } = await renewable(t);
  const newcomer = newAuthority.certificate("newcomer");
  assert.equal(await shown(newcomer), "closed");
  while (tickets.length === 0) assert.equal(await shown(), "first");
  const ticket = tickets[0];
  put(authority.certificate("second"), undefined, newAuthority);
  await look();
  assert.equal(await shown(newcomer), "second");
  assert.equal(await shown(), "closed");
  assert.equal(await shown(undefined, ticket), "closed", "nor by what it was given before");
});

test("files that do not fit each other, or are gone, are told once and leave the old in use", async (t) => {
  const { folder, look, put, shown, told } = await renewable(t);
  const second = authority.certificate("second");
  put(second, authority.certificate("third").keyFile);
  for (let looks = 0; looks < 3; looks++) {
    await look(true);
    assert.equal(await shown(), "first");
  }
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /key values mismatch/);

  rmSync(join(folder, "live"));
  for (let looks = 0; looks < 3; looks++) {
    await look(true);
    assert.equal(await shown(), "first");
  }
  assert.equal(told.length, 2);
  assert.match(told[1] ?? "", /No such file or directory/);

  put(second);
  await look();
  assert.equal(await shown(), "second");
  assert.deepEqual(told.slice(2), ["ended", "renewed"]);
});

test("a pair that is half written is told if the next look finds it, too, and the old ones may come back", async (t) => {
  const { folder, look, live, put, shown, told } = await renewable(t);
  const second = authority.certificate("second");
  put(second, authority.certificate("third").keyFile);
  await look();
  copyFileSync(second.keyFile, live("key"));
  await look();
  assert.equal(await shown(), "second");
  assert.deepEqual(told, ["renewed"]);

  renameSync(join(folder, "live"), join(folder, "aside"));
  await look();
  assert.deepEqual(told, ["renewed"]);
  await look();
  renameSync(join(folder, "aside"), join(folder, "live"));
  await look();
  assert.deepEqual(told.slice(2), ["ended"]);
  assert.match(told[1] ?? "", /No such file or directory/);
});

test("another limit is no other certificate", async (t) => {
  const { configure, shown, told } = await renewable(t);
  configure();
  assert.equal(await shown(), "first");
  assert.deepEqual(told, []);
});
