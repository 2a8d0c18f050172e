import assert from "node:assert/strict";
import { connect as connectTo } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { ClientId } from "../../src/core/input.ts";
import { createContext } from "../../src/server/context.ts";
import { execute } from "../../src/server/dispatch.ts";
import { Session } from "../../src/server/session.ts";
import { releasePort, reservePort } from "../support/ports.ts";
import { Client, DEFAULT_CONFIG, FakeHost, request, start } from "./harness.ts";

// The security fixes of Redis 7.4.1 to 7.4.11 that touch what a Sentinel serves (docs/security.md).

const MALFORMED_SELECTORS = [
  ["("],
  [")"],
  ["()", ")"],
  ["(("],
  ["((+ping))"],
  ["(+ping", "~x"],
  ["(+ping", "(~x)"],
  ["(%)"],
  ["(%R)"],
  ["(%~x)"],
  ["%"],
  ["%R"],
  ["%RX~k"],
  ["(&)", "(&"],
  ["(nopass)"],
  ["(>secret)"],
  ["(clearselectors)"],
  ["(+|)"],
];

test("malformed selectors are refused and change nothing (CVE-2024-31227, CVE-2024-51741)", async (t) => {
  const { connect } = await start(t);
  const client = await connect();
  await client.ask("ACL", "SETUSER", "u", "on", "nopass", "(+ping ~k)");
  const before = await client.ask("ACL", "LIST");
  for (const rules of MALFORMED_SELECTORS) {
    assert.match(await client.ask("ACL", "SETUSER", "u", ...rules), /^-ERR /, rules.join(" "));
    assert.match(await client.ask("ACL", "SETUSER", "new", ...rules), /^-ERR /, rules.join(" "));
  }
  assert.equal(await client.ask("ACL", "LIST"), before);
  // What stopped Redis was asking about such a user, and executing in its name.
  assert.match(await client.ask("ACL", "GETUSER", "u"), /selectors/);
  assert.equal(await client.ask("ACL", "DRYRUN", "u", "ping"), "+OK");
});

test("who has not authenticated cannot fill memory with unread errors (CVE-2025-21605)", async () => {
  const config = { ...DEFAULT_CONFIG, requirepass: "secret" };
  const ctx = createContext(config, new FakeHost());
  assert.equal(ctx.acl.setUser("default", ["resetpass", ">secret"]), null);
  // A client that never reads: nothing that is written is ever taken.
  const socket = new Duplex({ read: () => undefined, write: () => undefined });
  const peer = { addr: "127.0.0.1:1", laddr: "127.0.0.1:2", isUnix: false, fd: -1 };
  const session = new Session(ctx, 1 as ClientId, socket, peer, execute);
  ctx.clients.set(session.id, session);
  const often = request(["PING"]).repeat(100);
  for (let turn = 0; turn < 20 && !socket.destroyed; turn++) {
    socket.push(often, "latin1");
    await setImmediate();
  }
  assert.ok(socket.destroyed, `${session.outputBytes} bytes wait for it`);
  assert.equal(ctx.clients.size, 0);
  assert.equal(ctx.counters.outputBufferDisconnections, 1);
});

test("connections that end before they are accepted keep nobody out (CVE-2025-48367)", async (t) => {
  const port = await reservePort();
  t.after(() => releasePort(port));
  await start(t, { port, bind: ["127.0.0.1"] });
  const rude = Array.from({ length: 200 }, () => {
    const socket = connectTo(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.on("connect", () => socket.resetAndDestroy());
    return socket;
  });
  const client = await Client.open(connectTo(port, "127.0.0.1"));
  t.after(() => client.socket.destroy());
  assert.equal(await client.ask("PING"), "+PONG");
  for (const socket of rude) socket.destroy();
  assert.equal(await client.ask("PING"), "+PONG");
});

test("what a client says cannot end an error early (7.4.8)", async (t) => {
  const { connect } = await start(t);
  const client = await connect();
  const injected = "x\r\n+OK\r\n$4\r\nevil";
  for (const words of [
    [injected],
    ["ACL", injected],
    ["ACL", "SETUSER", "u", injected],
    ["ACL", "GETUSER", injected],
    ["ACL", "DRYRUN", injected, "ping"],
    ["CLIENT", injected],
    ["CLIENT", "KILL", "ID", injected],
    ["CLIENT", "SETNAME", injected],
    ["CLIENT", "SETINFO", injected, "x"],
    ["CLIENT", "REPLY", injected],
    ["COMMAND", "DOCS", "x", injected],
    ["COMMAND", "LIST", "FILTERBY", injected, "x"],
    ["COMMAND", "GETKEYS", injected],
    ["HELLO", injected],
    ["HELLO", "3", injected],
    ["AUTH", injected, injected],
    ["SUBSCRIBE"],
    ["SHUTDOWN", injected],
  ]) {
    client.send(...words);
    client.send("PING", "in step");
    const reply = await client.reply();
    assert.match(reply, /^(-|\$-1|\[\]|%\{\})[^\r\n]*$/, words.join(" "));
    assert.equal(await client.reply(), '"in step"', `${words.join(" ")}: ${reply}`);
  }
});

test("CLIENT UNBLOCK does not release whom CLIENT PAUSE holds back (7.4.6)", async (t) => {
  const { connect, host } = await start(t);
  const [pauser, other] = [await connect(), await connect()];
  const id = (await other.ask("CLIENT", "ID")).slice(1);
  await pauser.ask("CLIENT", "PAUSE", "100000", "WRITE");
  other.send("PUBLISH", "__sentinel__:hello", "x");
  for (;;) if (/blocked_clients:1\\r/.test(await pauser.ask("INFO", "clients"))) break;
  assert.equal(await pauser.ask("CLIENT", "UNBLOCK", id), ":0");
  assert.match(await pauser.ask("INFO", "clients"), /blocked_clients:1\\r/);
  assert.equal(host.executed.length, 0);
  await pauser.ask("CLIENT", "UNPAUSE");
  assert.equal(await other.reply(), ":1");
});

test("INFO names both versions, HELLO that of Redis alone [D-INFO-FIELDS]", async (t) => {
  const client = await (await start(t)).connect();
  const info = await client.ask("INFO", "server");
  assert.match(info, /redis_version:7\.4\.11\\r\\n/);
  assert.match(info, /redis_sentinel_ts_version:1\.2\.3\\r\\n"$/);
  assert.match(await client.ask("HELLO"), /"version", "7\.4\.11"/);
});
