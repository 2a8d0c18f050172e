import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { ServerConfig } from "../../src/config/server-config.ts";
import { createServer } from "../../src/server/server.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.ts";
import { Client, DEFAULT_CONFIG, FakeHost } from "./harness.ts";

// Descriptors: every accepted connection has one, whether it became a client or not.

const SENTENCE = "-ERR max number of clients reached\r\n";

/** A client that never closes its side: what is said to it lingers. */
async function startTcp(t: TestContext, maxclients: number) {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const { server } = prepare(t, { port, bind: ["127.0.0.1"], maxclients });
  await server.listen();
  return async () => {
    const socket = connectTcp({ port, host: "127.0.0.1", allowHalfOpen: true });
    t.after(() => socket.destroy());
    const ended = new Promise<void>((resolve) => {
      for (const event of ["end", "close"]) socket.once(event, () => resolve());
    });
    const client = await Client.open(socket);
    /** All that the server said before it closed its side. */
    const lastWords = async (): Promise<string> => {
      await ended;
      socket.destroy();
      return client.untilClosed();
    };
    return { client, lastWords, ended };
  };
}

function prepare(t: TestContext, overrides: Partial<ServerConfig>) {
  const host = new FakeHost();
  const server = createServer({ ...DEFAULT_CONFIG, ...overrides }, host);
  t.after(() => server.close());
  return { host, server };
}

test("each of a crowd above maxclients is told so", async (t) => {
  const connect = await startTcp(t, 2);
  const [{ client }] = [await connect(), await connect()];
  assert.equal(await client.ask("PING"), "+PONG");
  const crowd = await Promise.all(Array.from({ length: 50 }, () => connect()));
  await Promise.all(crowd.map(({ ended }) => ended));
  const told = await Promise.all(crowd.map(({ lastWords }) => lastWords()));
  assert.equal(told.filter((word) => word === SENTENCE).length, 50);
  assert.match(await client.ask("INFO", "stats"), /rejected_connections:50\\r/);
});

test("connections that linger after a protocol error keep their place among the sockets", async (t) => {
  const connect = await startTcp(t, 1);
  for (let i = 0; i < 9; i++) {
    const { client, ended } = await connect();
    client.raw("*x\r\n");
    await ended;
  }
  const { lastWords } = await connect();
  assert.equal(await lastWords(), SENTENCE);
});

async function startTls(t: TestContext, maxclients: number) {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  const [certFile, keyFile] = [join(folder, "c.pem"), join(folder, "k.pem")];
  writeFileSync(certFile, CERTIFICATE);
  writeFileSync(keyFile, PRIVATE_KEY);
  const tls = { ...DEFAULT_CONFIG.tls, certFile, keyFile, authClients: "no" } as const;
  const tlsPort = 20_000 + Math.floor(Math.random() * 10_000);
  const { server } = prepare(t, { tlsPort, bind: ["127.0.0.1"], tls, maxclients });
  t.after(() => rmSync(folder, { recursive: true }));
  await server.listen();
  const open = async (handshake: boolean): Promise<Client> => {
    const end = { port: tlsPort, host: "127.0.0.1" };
    const socket = handshake
      ? connectTls({ ...end, ca: CERTIFICATE, servername: "localhost" })
      : connectTcp(end);
    t.after(() => socket.destroy());
    return Client.open(socket);
  };
  return { open };
}

test("TLS connections count before their handshake, and give their place back", async (t) => {
  const { open } = await startTls(t, 3);
  const client = await open(true);
  assert.equal(await client.ask("PING"), "+PONG");
  const silent = [await open(false), await open(false)];
  const excess = await open(false);
  assert.equal(await excess.untilClosed(), "");
  assert.match(await client.ask("INFO", "stats"), /rejected_connections:1\\r/);
  for (const one of silent) one.socket.destroy();
  for (;;) {
    const next = await open(true).catch(() => null);
    const answer = await next?.ask("PING").catch(() => null);
    if (answer === "+PONG") break;
  }
});

test("a failed handshake gives its place back", async (t) => {
  const { open } = await startTls(t, 1);
  const rude = await open(false);
  rude.raw("PING\r\n".repeat(10));
  await rude.untilClosed();
  const client = await open(true);
  assert.equal(await client.ask("PING"), "+PONG");
});
