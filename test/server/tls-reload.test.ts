import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { releasePort, reservePort } from "../support/ports.ts";
import { Authority, type Certificate } from "./certificates.ts";
import { Client, DEFAULT_CONFIG, start } from "./harness.ts";

// tls-auto-reload-interval: the listener's files are read again when they changed.

const authority = new Authority("old authority");
const newAuthority = new Authority("new authority");
after(() => {
  authority.remove();
  newAuthority.remove();
});

const RELOADED = /^The TLS files of the listener have changed and were read again$/;
const UNUSABLE = /^The new TLS files of the listener are not usable \((.+)\), the old stay in use$/;

/** A listener whose files stand in a folder behind a link, as in a mounted secret. */
async function renewable(t: TestContext, autoReloadSeconds: number) {
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
  const tls = { ...DEFAULT_CONFIG.tls, ...files, autoReloadSeconds };
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
  const said = (like: RegExp) => host.logged.filter(([, text]) => like.test(text));
  const endsAt = () => server.certificateEndsAt;
  return { endsAt, folder, host, put, said, shown, tickets };
}

test("new files are in use at the first connection after the interval", async (t) => {
  const { endsAt, host, put, said, shown } = await renewable(t, 60);
  assert.equal(await shown(), "first");
  put(authority.certificate("second", undefined, 60));
  host.nowMs += 59_000;
  assert.equal(await shown(), "first");
  const firstEndsAt = endsAt() ?? 0;
  host.nowMs += 1_000;
  assert.equal(await shown(), "second");
  const laterByDays = ((endsAt() ?? 0) - firstEndsAt) / 86_400_000;
  assert.ok(laterByDays > 29.9 && laterByDays < 30.1, `${laterByDays}`);
  assert.equal(await shown(), "second");
  assert.equal(said(RELOADED).length, 1);
  host.nowMs += 60_000;
  assert.equal(await shown(), "second");
  assert.equal(said(RELOADED).length, 1, "they are read only when they changed");
});

test("a new authority lets its clients in and those of the old one no more", async (t) => {
  const { host, put, shown, tickets } = await renewable(t, 1);
  const newcomer = newAuthority.certificate("newcomer");
  assert.equal(await shown(newcomer), "closed");
  while (tickets.length === 0) assert.equal(await shown(), "first");
  const ticket = tickets[0];
  put(authority.certificate("second"), undefined, newAuthority);
  host.nowMs += 1_000;
  assert.equal(await shown(newcomer), "second");
  assert.equal(await shown(), "closed");
  assert.equal(await shown(undefined, ticket), "closed", "nor by what it was given before");
});

test("files that do not fit each other, or are gone, are named once and leave the old in use", async (t) => {
  const { folder, host, put, said, shown } = await renewable(t, 1);
  const second = authority.certificate("second");
  put(second, authority.certificate("third").keyFile);
  for (let looks = 0; looks < 3; looks++) {
    host.nowMs += 1_000;
    assert.equal(await shown(), "first");
  }
  assert.match(said(UNUSABLE)[0]?.[1] ?? "", /key values mismatch/);
  assert.equal(said(UNUSABLE).length, 1);

  rmSync(join(folder, "live"));
  for (let looks = 0; looks < 3; looks++) {
    host.nowMs += 1_000;
    assert.equal(await shown(), "first");
  }
  assert.match(said(UNUSABLE)[1]?.[1] ?? "", /No such file or directory/);
  assert.equal(said(UNUSABLE).length, 2);

  put(second);
  host.nowMs += 1_000;
  assert.equal(await shown(), "second");
});

test("0, the default: the files of the start stay in use", async (t) => {
  const { host, put, shown } = await renewable(t, 0);
  put(authority.certificate("second"));
  host.nowMs += 1e9;
  assert.equal(await shown(), "first");
});
