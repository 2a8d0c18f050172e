import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer as createNetServer, Server as NetServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import type { ServerConfig } from "../../src/config/server-config.ts";
import type { ClientId } from "../../src/core/input.ts";
import { acceptSocket } from "../../src/server/accept.ts";
import { createContext } from "../../src/server/context.ts";
import { createServer } from "../../src/server/server.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.ts";
import { Client, DEFAULT_CONFIG, FakeHost, start } from "./harness.ts";

/** Below the kernel's ephemeral range, so that no outgoing connection holds it by chance. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 10000);
    const probe = createNetServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

function prepare(t: TestContext, overrides: Partial<ServerConfig>) {
  const host = new FakeHost();
  const server = createServer({ ...DEFAULT_CONFIG, ...overrides }, host);
  host.server = server;
  t.after(() => server.close());
  return { host, server };
}

async function dial(t: TestContext, port: number, host: string): Promise<Client> {
  const client = await Client.open(connect(port, host));
  t.after(() => client.socket.destroy());
  return client;
}

test("a client is served", async (t) => {
  const { connect, host, server } = await start(t);
  const client = await connect();
  assert.equal(await client.ask("PING"), "+PONG");
  assert.equal(await client.ask("SENTINEL", "masters"), "[]");
  assert.deepEqual(host.executed, [[1, ["sentinel", "masters"]]]);
  assert.equal(await client.ask("SUBSCRIBE", "+sdown"), '["subscribe", "+sdown", :1]');
  server.publish("+sdown", "master m 127.0.0.1 1");
  assert.equal(await client.reply(), '["message", "+sdown", "master m 127.0.0.1 1"]');
});

test("`* -::*` serves IPv4, and IPv6 where there is any", async (t) => {
  const port = await freePort();
  const { host, server } = prepare(t, { port, bind: ["*", "-::*"] });
  await server.listen();
  const client = await dial(t, port, "127.0.0.1");
  const info = await client.ask("CLIENT", "INFO");
  assert.match(
    info,
    new RegExp(` addr=127\\.0\\.0\\.1:\\d+ laddr=127\\.0\\.0\\.1:${port} fd=\\d+ `),
  );
  if (host.logged.length === 0) {
    const six = await dial(t, port, "::1");
    assert.match(await six.ask("CLIENT", "INFO"), / addr=\[::1\]:\d+ /);
  }
});

test("a port in use is fatal, and says so", async (t) => {
  const port = await freePort();
  const first = prepare(t, { port, bind: ["127.0.0.1"] });
  await first.server.listen();
  const { host, server } = prepare(t, { port, bind: ["127.0.0.1"] });
  await assert.rejects(server.listen(), {
    message: `Failed listening on port ${port} (tcp), aborting.`,
  });
  assert.deepEqual(host.logged, [
    [
      "warning",
      `Warning: Could not create server TCP listening socket 127.0.0.1:${port}: bind: Address already in use`,
    ],
  ]);
});

test("an optional address that this machine lacks is left out", async (t) => {
  const port = await freePort();
  const { host, server } = prepare(t, { port, bind: ["127.0.0.1", "-192.0.2.1"] });
  await server.listen();
  assert.equal(await (await dial(t, port, "127.0.0.1")).ask("PING"), "+PONG");
  const [openness, ...rest] = host.logged;
  assert.match(`${openness}`, /answers other machines and asks for no password/);
  assert.deepEqual(rest, [
    [
      "warning",
      `Warning: Could not create server TCP listening socket 192.0.2.1:${port}: bind: Cannot assign requested address`,
    ],
  ]);
});

test("the same address without the dash is fatal, and nothing stays open", async (t) => {
  const port = await freePort();
  const { server } = prepare(t, { port, bind: ["127.0.0.1", "192.0.2.1"] });
  await assert.rejects(
    server.listen(),
    /^Error: Failed listening on port \d+ \(tcp\), aborting\.$/,
  );
  const again = prepare(t, { port, bind: ["127.0.0.1"] });
  await again.server.listen();
  assert.equal(await (await dial(t, port, "127.0.0.1")).ask("PING"), "+PONG");
});

test("no listener at all is an error", async (t) => {
  for (const config of [{ port: 0 }, { port: 26379, bind: [] }]) {
    await assert.rejects(prepare(t, config).server.listen(), {
      message: "Configured to not listen anywhere, exiting.",
    });
  }
});

test("the unix socket gets its mode, is shown to clients and removed at the end", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "s");
  writeFileSync(path, "left behind");
  const { host, server } = prepare(t, { unixsocket: path, unixsocketperm: 0o700 });
  await server.listen();
  assert.equal(statSync(path).mode & 0o777, 0o700);
  const client = await Client.open(connect(path));
  assert.ok((await client.ask("CLIENT", "INFO")).includes(` addr=${path}:0 laddr=${path}:0 `));
  server.close();
  await client.untilClosed();
  assert.throws(() => statSync(path), { code: "ENOENT" });
  assert.deepEqual(host.logged, [["notice", "Removing the unix socket file."]]);
});

test("a unix socket has its mode as soon as it is there, and others are made as before", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "s");
  const modes: number[] = [];
  const { listen } = NetServer.prototype;
  t.mock.method(NetServer.prototype, "listen", function (this: NetServer, ...args: unknown[]) {
    const result = Reflect.apply(listen, this, args);
    modes.push(statSync(path).mode & 0o777);
    return result;
  });
  const usual = process.umask(0o022);
  t.after(() => process.umask(usual));
  const { server } = prepare(t, { unixsocket: path, unixsocketperm: 0o600 });
  await server.listen();
  assert.deepEqual(modes, [0o600]);
  assert.equal(process.umask(), 0o022);
  server.close();
});

test("the unix socket goes to its group, or the start fails", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "s");
  // A group that everybody may give a file to: one of his own.
  const own = process.getegid?.() ?? 0;
  const { server } = prepare(t, { unixsocket: path, unixsocketgroup: String(own) });
  await server.listen();
  assert.equal(statSync(path).gid, own);
  server.close();
  const nobody = prepare(t, { unixsocket: path, unixsocketgroup: "no-such-group" });
  await assert.rejects(nobody.server.listen(), /no group 'no-such-group' in \/etc\/group/);
  nobody.server.close();
});

test("a unix socket that cannot be made is the operator's error", async (t) => {
  const { server } = prepare(t, { unixsocket: "/nonexistent/folder/s" });
  await assert.rejects(server.listen(), {
    message: "Failed opening Unix socket: bind: No such file or directory",
  });
});

test("tls-port without a certificate is refused with the reference's sentences", async (t) => {
  const { host, server } = prepare(t, { tlsPort: await freePort(), bind: ["127.0.0.1"] });
  await assert.rejects(server.listen(), {
    message: "Failed to configure TLS. Check logs for more info.",
  });
  assert.deepEqual(host.logged, [["warning", "No tls-cert-file configured!"]]);
});

test("tls-port serves TLS clients and names files that are missing", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [certFile, keyFile] = [join(folder, "c.pem"), join(folder, "k.pem")];
  writeFileSync(certFile, CERTIFICATE);
  const tls = { ...DEFAULT_CONFIG.tls, certFile, keyFile, authClients: "no" } as const;
  const tlsPort = await freePort();
  const broken = prepare(t, { tlsPort, bind: ["127.0.0.1"], tls });
  await assert.rejects(broken.server.listen(), /Failed to configure TLS/);
  assert.match(
    broken.host.logged[0]?.[1] ?? "",
    /private key: .*k\.pem: No such file or directory$/,
  );
  writeFileSync(keyFile, PRIVATE_KEY);
  const { server } = prepare(t, { tlsPort, bind: ["127.0.0.1"], tls });
  await server.listen();
  const socket = connectTls({
    port: tlsPort,
    host: "127.0.0.1",
    ca: CERTIFICATE,
    servername: "localhost",
  });
  const client = await Client.open(socket);
  t.after(() => client.socket.destroy());
  assert.equal(await client.ask("PING"), "+PONG");
});

test("tls-groups are those of the key exchange, and an unknown one ends the start", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [certFile, keyFile] = [join(folder, "c.pem"), join(folder, "k.pem")];
  writeFileSync(certFile, CERTIFICATE);
  writeFileSync(keyFile, PRIVATE_KEY);
  const tls = { ...DEFAULT_CONFIG.tls, certFile, keyFile, authClients: "no" } as const;
  const tlsPort = await freePort();
  const bind = ["127.0.0.1"];
  const broken = prepare(t, { tlsPort, bind, tls: { ...tls, groups: "X25519:none-such" } });
  await assert.rejects(broken.server.listen(), /Failed to configure TLS/);
  assert.match(broken.host.logged[0]?.[1] ?? "", /TLS groups: X25519:none-such: OpenSSL does not/);
  const { server } = prepare(t, { tlsPort, bind, tls: { ...tls, groups: "P-384:P-521" } });
  await server.listen();
  const end = { port: tlsPort, host: "127.0.0.1", ca: CERTIFICATE, servername: "localhost" };
  const able = await Client.open(connectTls({ ...end, ecdhCurve: "P-521" }));
  t.after(() => able.socket.destroy());
  assert.equal(await able.ask("PING"), "+PONG");
  const other = await Client.open(connectTls({ ...end, ecdhCurve: "X25519" }));
  assert.equal(await other.untilClosed(), "");
});

test("tls-auth-clients asks every client for a certificate that an authority signed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [certFile, keyFile] = [join(folder, "c.pem"), join(folder, "k.pem")];
  writeFileSync(certFile, CERTIFICATE);
  writeFileSync(keyFile, PRIVATE_KEY);
  const tls = { ...DEFAULT_CONFIG.tls, certFile, keyFile, caCertFile: certFile };
  const tlsPort = await freePort();
  const { server } = prepare(t, { tlsPort, bind: ["127.0.0.1"], tls });
  await server.listen();
  const end = { port: tlsPort, host: "127.0.0.1", ca: CERTIFICATE, servername: "localhost" };
  const known = await Client.open(connectTls({ ...end, cert: CERTIFICATE, key: PRIVATE_KEY }));
  t.after(() => known.socket.destroy());
  assert.equal(await known.ask("PING"), "+PONG");
  const stranger = await Client.open(connectTls(end));
  assert.equal(await stranger.untilClosed(), "");
});

/** A connection whose peer says it comes from elsewhere. */
function acceptFrom(t: TestContext, remoteAddress: string, config: Partial<ServerConfig>) {
  const ctx = createContext({ ...DEFAULT_CONFIG, ...config }, new FakeHost());
  const socket = new Socket();
  t.after(() => socket.destroy());
  const written: string[] = [];
  Object.defineProperty(socket, "remoteAddress", { value: remoteAddress });
  socket.end = (text?: unknown) => {
    written.push(String(text));
    return socket;
  };
  acceptSocket(ctx, () => 1 as ClientId, socket, "tcp");
  return { ctx, written };
}

test("protected mode refuses strangers while the default user is open", (t) => {
  const { ctx, written } = acceptFrom(t, "10.0.0.7", { protectedMode: true });
  assert.match(
    written[0] ?? "",
    /^-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user\. In this mode connections are only accepted from the loopback interface\. [^\r\n]* 4\) [^\r\n]*\r\n$/,
  );
  assert.equal(ctx.counters.connectionsRejected, 1);
  assert.equal(ctx.clients.size, 0);
});

for (const [why, address, config] of [
  ["from loopback", "127.0.0.5", { protectedMode: true }],
  ["from IPv6 loopback", "::1", { protectedMode: true }],
  ["with a password", "10.0.0.7", { protectedMode: true, requirepass: "x" }],
  ["without protected mode", "10.0.0.7", { protectedMode: false }],
] as const) {
  test(`a connection ${why} is accepted`, (t) => {
    const { ctx, written } = acceptFrom(t, address, config);
    assert.deepEqual(written, []);
    assert.equal(ctx.clients.size, 1);
  });
}
