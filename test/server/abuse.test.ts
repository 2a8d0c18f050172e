import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { OK } from "../../src/base/reply.ts";
import type { ClientId } from "../../src/core/input.ts";
import {
  MAX_COMMAND_NAMES,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_WORDS,
  MAX_WORD_BYTES,
} from "../../src/core/limits.ts";
import { createContext } from "../../src/server/context.ts";
import { execute } from "../../src/server/dispatch.ts";
import { Session } from "../../src/server/session.ts";
import { DEFAULT_CONFIG, FakeHost, request, start } from "./harness.ts";

// Clients that ask for more than a Sentinel can give must not stop it from watching.

const MIB = 1024 * 1024;

/** Long for any of these requests, short for a Sentinel that should vote meanwhile. */
async function soon<T>(action: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await action();
  assert.ok(performance.now() - startedMs < 2_000);
  return result;
}

test("a longer word than any real one is refused although the configuration allows it", async (t) => {
  const client = await (await start(t)).connect();
  client.raw(`*2\r\n$4\r\nPING\r\n$${MAX_WORD_BYTES + 1}\r\n`);
  const refusal = "a word of 65537 bytes, a Sentinel takes 65536";
  assert.equal(await client.untilClosed(), `-ERR Protocol error: ${refusal}\r\n`);
});

test("the longest word is served", async (t) => {
  const client = await (await start(t)).connect();
  const word = "x".repeat(MAX_WORD_BYTES);
  client.send("PING", word);
  assert.equal(await client.reply(), `"${word}"`);
});

test("what the reference refuses as well is refused in its words", async (t) => {
  const client = await (await start(t)).connect();
  client.raw(`*2\r\n$4\r\nPING\r\n$${512 * MIB + 1}\r\n`);
  assert.equal(await client.untilClosed(), "-ERR Protocol error: invalid bulk length\r\n");
});

test("as many words as a request may have are served, one more is refused", async (t) => {
  const { connect } = await start(t);
  const often = (count: number) => Array.from({ length: count - 2 }, () => "x");
  const client = await connect();
  client.send("COMMAND", "DOCS", ...often(MAX_REQUEST_WORDS));
  assert.equal(await client.reply(), "[]");
  for (const bytes of [
    request(["COMMAND", "DOCS", ...often(MAX_REQUEST_WORDS + 1)]),
    `COMMAND DOCS ${often(MAX_REQUEST_WORDS + 1).join(" ")}\r\n`,
  ]) {
    const other = await connect();
    other.raw(bytes);
    const refusal = "a request of 4097 words, a Sentinel takes 4096";
    assert.equal(await other.untilClosed(), `-ERR Protocol error: ${refusal}\r\n`);
  }
});

test("more words than any request has are refused", async (t) => {
  const client = await (await start(t)).connect();
  client.raw(`*${MIB + 1}\r\n`);
  assert.equal(await client.untilClosed(), "-ERR Protocol error: invalid multibulk length\r\n");
});

test("a request of more than a MiB closes its client", async (t) => {
  const { connect, host } = await start(t);
  const client = await connect();
  const word = `$${MAX_WORD_BYTES}\r\n${"x".repeat(MAX_WORD_BYTES)}\r\n`;
  client.raw(`*99\r\n${word.repeat(MAX_REQUEST_BYTES / MAX_WORD_BYTES)}$1\r\n`);
  assert.equal(await client.untilClosed(), "");
  assert.match(host.logged[0]?.[1] ?? "", /^Closing client that reached max query buffer length/);
});

test("an exception costs the client that caused it, nobody else", async (t) => {
  const { connect, host } = await start(t);
  const [client, other] = [await connect(), await connect()];
  host.onExecute = () => {
    throw new RangeError("Invalid string length");
  };
  client.raw("PING\r\nSENTINEL MASTERS\r\nPING\r\n");
  await client.untilClosed();
  assert.equal(await other.ask("PING"), "+PONG");
  assert.match(host.logged[0]?.[1] ?? "", /^Closing client 1 because of a bug: RangeError/);
  assert.match(await other.ask("INFO", "clients"), /connected_clients:1\\r/);
});

test("a message that cannot be encoded costs its receiver, not the sender", async (t) => {
  const { connect, server } = await start(t);
  const client = await connect();
  await client.ask("SUBSCRIBE", "a");
  const huge = "x".repeat(300 * MIB);
  server.publish("a", huge);
  server.publish("a", huge);
  await client.untilClosed();
  assert.equal(await (await connect()).ask("PING"), "+PONG");
});

test("COMMAND DOCS documents a command once, however often it is named", async (t) => {
  const client = await (await start(t)).connect();
  await client.ask("HELLO", "3");
  const once = await client.ask("COMMAND", "DOCS", "sentinel");
  const often = Array.from({ length: 4_000 }, () => "sentinel");
  client.raw(request(["COMMAND", "DOCS", ...often]));
  assert.equal(await soon(() => client.reply()), once);
});

test("COMMAND INFO refuses more names than there can be", async (t) => {
  const client = await (await start(t)).connect();
  const often = Array.from({ length: MAX_COMMAND_NAMES + 1 }, () => "sentinel");
  client.raw(request(["COMMAND", "INFO", ...often]));
  assert.equal(await soon(() => client.reply()), "-ERR too many command names");
});

test("COMMAND LIST reads a huge pattern once", async (t) => {
  const client = await (await start(t)).connect();
  const pattern = `*[${"a-c".repeat(MAX_WORD_BYTES / 3 - 1)}`;
  client.send("COMMAND", "LIST", "FILTERBY", "PATTERN", pattern);
  assert.match(await soon(() => client.reply()), /"acl\|cat"|\[\]|"acl/);
});

test("huge patterns of a subscriber do not slow publishing", async (t) => {
  const { connect, server } = await start(t);
  const client = await connect();
  for (let i = 0; i < 10; i++) await client.ask("PSUBSCRIBE", `*[${i}${"a".repeat(1_000)}]+`);
  await soon(async () => {
    for (let i = 0; i < 1_000; i++) server.publish("+sdown", "payload");
  });
  assert.equal(await client.ask("PING"), '["pong", ""]');
});

test("a pattern is forgotten with its last subscriber, and may come back", async (t) => {
  const { connect, server } = await start(t);
  const [first, second] = [await connect(), await connect()];
  for (const client of [first, second]) await client.ask("PSUBSCRIBE", "+s*");
  await first.ask("PUNSUBSCRIBE", "+s*");
  server.publish("+sdown", "one");
  assert.equal(await second.reply(), '["pmessage", "+s*", "+sdown", "one"]');
  await second.ask("PUNSUBSCRIBE", "+s*");
  server.publish("+sdown", "two");
  await first.ask("PSUBSCRIBE", "+s*");
  server.publish("+sdown", "three");
  assert.equal(await first.reply(), '["pmessage", "+s*", "+sdown", "three"]');
});

test("a client that CLIENT PAUSE holds back is released when it goes away", async (t) => {
  const { connect } = await start(t);
  const [pauser, other, witness] = [await connect(), await connect(), await connect()];
  await witness.ask("HELLO", "3");
  await pauser.ask("CLIENT", "PAUSE", "100000", "WRITE");
  other.raw(request(["PUBLISH", "__sentinel__:hello", "x"]) + "PING later\r\n".repeat(10));
  for (;;) if (/blocked_clients:1\\r/.test(await witness.ask("INFO", "clients"))) break;
  other.raw("PING\r\n");
  other.socket.destroy();
  for (;;) if (/connected_clients:2\\r/.test(await witness.ask("INFO", "clients"))) break;
});

test("what a client sends while it is held back is served afterwards", async (t) => {
  const { connect, host } = await start(t);
  const [pauser, other] = [await connect(), await connect()];
  await pauser.ask("CLIENT", "PAUSE", "100000", "WRITE");
  const many = 20_000;
  other.raw(request(["PUBLISH", "c", "x"]) + "PING later\r\n".repeat(many));
  for (;;) if (/blocked_clients:1\\r/.test(await pauser.ask("INFO", "clients"))) break;
  await pauser.ask("CLIENT", "UNPAUSE");
  assert.equal(await other.reply(), ":1");
  for (let i = 0; i < many; i++) assert.equal(await other.reply(), '"later"');
  assert.equal(host.executed.length, 1);
});

for (const [when, finish] of [
  ["within the write", (done: () => void) => done()],
  ["right after the write", (done: () => void) => process.nextTick(done)],
] as const) {
  test(`replies that are sent ${when} reach the last, and the others have their turn`, async () => {
    const requests = 200;
    const word = "x".repeat(8 * 1024);
    let written = 0;
    const socket = new Duplex({
      read: () => undefined,
      write: (chunk, _encoding, done) => {
        written += chunk.length;
        finish(done);
      },
    });
    const ctx = createContext(DEFAULT_CONFIG, new FakeHost());
    const peer = { addr: "127.0.0.1:1", laddr: "127.0.0.1:2", isUnix: false, fd: -1 };
    new Session(ctx, 1 as ClientId, socket, peer, execute);
    socket.push(request(["PING", word]).repeat(requests), "latin1");
    for (let before = -1; written > before; ) {
      before = written;
      await setImmediate();
      assert.ok(written - before <= 4 * word.length, `${written - before} bytes in one turn`);
    }
    assert.equal(written, requests * `$${word.length}\r\n${word}\r\n`.length);
  });
}

test("who answers is not given the next question before it is done", async (t) => {
  const { connect, host, server } = await start(t);
  const waiting: ClientId[] = [];
  const answerAll = (): void => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) server.reply(id, OK);
  };
  let asked: () => void = () => undefined;
  const firstAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  host.onExecute = (id) => {
    waiting.push(id);
    asked();
  };
  const client = await connect();
  client.raw(request(["SENTINEL", "MASTERS"]).repeat(100));
  await firstAsked;
  answerAll();
  assert.equal(host.executed.length, 1);
  host.onExecute = (id) => server.reply(id, OK);
  for (let i = 0; i < 100; i++) assert.equal(await client.reply(), "+OK");
});

test("replies behind an answer that is still to come neither spin the loop nor let input pile up", async () => {
  const host = new FakeHost();
  const ids: ClientId[] = [];
  host.onExecute = (id) => ids.push(id);
  let written = 0;
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk, _encoding, done) => {
      written += chunk.length;
      done();
    },
  });
  const ctx = createContext(DEFAULT_CONFIG, host);
  const peer = { addr: "127.0.0.1:1", laddr: "127.0.0.1:2", isUnix: false, fd: -1 };
  const session = new Session(ctx, 1 as ClientId, socket, peer, execute);
  const word = "x".repeat(4 * 1024);
  const ping = request(["PING", word]);
  const pings = 100;
  socket.push(request(["PUBLISH", "__sentinel__:hello", "x"]) + ping.repeat(10), "latin1");
  await setImmediate();
  socket.push(ping.repeat(pings - 10), "latin1");
  const millis = ctx.counters.commandMillis;
  for (let turn = 0; turn < 50; turn++) await setImmediate();
  assert.equal(ctx.counters.commandMillis, millis);
  assert.ok(session.inputBytes < 11 * ping.length, `${session.inputBytes} bytes of input`);
  assert.equal(written, 0);
  ctx.questions.answer(ids[0] ?? (0 as ClientId), OK);
  const expected = "+OK\r\n".length + pings * `$${word.length}\r\n${word}\r\n`.length;
  for (let turn = 0; turn < 200 && written < expected; turn++) await setImmediate();
  assert.equal(written, expected);
});
