import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { bulk, integer, OK, status } from "../../src/base/reply.ts";
import type { ClientId } from "../../src/core/input.ts";
import { type Client, DEFAULT_CONFIG, request, start } from "./harness.ts";

/** For who never asked: no client has this id. */
const NONE = 0 as ClientId;
const { pubsub, replica } = DEFAULT_CONFIG.clientOutputBufferLimit;

test("while the core has not answered, nothing more of that client is executed", async (t) => {
  const { connect, host, server } = await start(t);
  let asked: (id: ClientId) => void = () => undefined;
  const forwarded = new Promise<ClientId>((resolve) => {
    asked = resolve;
  });
  host.onExecute = (id) => asked(id);
  const [client, other] = [await connect(), await connect()];
  const both = request(["SENTINEL", "MYID"]) + request(["SENTINEL", "MASTERS"]);
  client.raw(`${both}PING after\r\n`);
  const id = await forwarded;
  assert.equal(await other.ask("PING"), "+PONG");
  assert.equal(host.executed.length, 1);
  host.onExecute = (client) => server.reply(client, status("SECOND"));
  server.reply(id, bulk("first"));
  assert.deepEqual(
    [await client.reply(), await client.reply(), await client.reply()],
    ['"first"', "+SECOND", '"after"'],
  );
});

test("questions of peers are asked one after the other, answered in their order", async (t) => {
  const { connect, host, server } = await start(t);
  const ids: ClientId[] = [];
  let asked: () => void = () => undefined;
  const allAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  host.onExecute = (id) => {
    if (ids.push(id) === 3) asked();
  };
  const client = await connect();
  const vote = (epoch: string) => [
    ...["SENTINEL", "IS-MASTER-DOWN-BY-ADDR", "127.0.0.1", "6379", epoch, "*"],
  ];
  const hello = ["PUBLISH", "__sentinel__:hello", "x"];
  const before = request(vote("1")) + request(hello);
  client.raw(`${before}PING between\r\n${request(vote("2"))}*1\r\n!\r\n`);
  await allAsked;
  const [first = NONE, second = NONE, third = NONE] = ids;
  server.reply(third, bulk("third"));
  server.reply(first, bulk("first"));
  server.reply(second, bulk("second"));
  server.reply(second, bulk("never"));
  const replies: string[] = [];
  for (let i = 0; i < 4; i++) replies.push(await client.reply());
  assert.deepEqual(replies, ['"first"', '"second"', '"between"', '"third"']);
  assert.match(await client.reply(), /^-ERR Protocol error/);
  await client.untilClosed();
});

test("a peer that asks without end is not read from until it is answered", async (t) => {
  const { connect, host, server } = await start(t);
  const ids: ClientId[] = [];
  host.onExecute = (id) => ids.push(id);
  const client = await connect();
  const question = request(["PUBLISH", "__sentinel__:hello", "x"]);
  client.raw(question.repeat(3_000));
  const other = await connect();
  while (ids.length < 1_024) await other.ask("PING");
  assert.equal(await other.ask("PING"), "+PONG");
  assert.equal(ids.length, 1_024);
  host.onExecute = (id) => server.reply(id, integer(2));
  for (const id of ids) server.reply(id, integer(1));
  for (let i = 0; i < 3_000; i++) assert.equal(await client.reply(), i < 1_024 ? ":1" : ":2");
});

test("CLIENT REPLY holds for questions that are answered later, too", async (t) => {
  const { connect, host, server } = await start(t);
  const ids: ClientId[] = [];
  host.onExecute = (id) => ids.push(id);
  const client = await connect();
  const hello = request(["PUBLISH", "__sentinel__:hello", "x"]);
  client.raw(`CLIENT REPLY SKIP\r\n${hello}${hello}`);
  const other = await connect();
  while (ids.length < 2) await other.ask("PING");
  for (const [index, id] of ids.entries()) server.reply(id, integer(index));
  assert.equal(await client.reply(), ":1");
});

test("a deleted user's questions and held back requests end with it", async (t) => {
  const { connect, host, server } = await start(t);
  const ids: ClientId[] = [];
  host.onExecute = (id) => ids.push(id);
  const [admin, client] = [await connect(), await connect()];
  await admin.ask("ACL", "SETUSER", "bob", "on", "nopass", "+@all", "allchannels");
  await client.ask("AUTH", "bob", "x");
  await admin.ask("CLIENT", "PAUSE", "100000", "WRITE");
  const question = ["SENTINEL", "IS-MASTER-DOWN-BY-ADDR", "127.0.0.1", "6379", "1", "*"];
  client.raw(request(question) + request(["PUBLISH", "__sentinel__:hello", "x"]));
  while (ids.length < 1) await admin.ask("PING");
  assert.equal(await admin.ask("ACL", "DELUSER", "bob"), ":1");
  assert.equal(await admin.ask("CLIENT", "UNPAUSE"), "+OK");
  for (const id of ids) server.reply(id, integer(1));
  await client.untilClosed();
  assert.equal(ids.length, 1);
});

test("the answer to a client that went away is ignored", async (t) => {
  const { connect, host, server } = await start(t);
  const forwarded = new Promise<ClientId>((resolve) => {
    host.onExecute = resolve;
  });
  const client = await connect();
  client.send("SENTINEL", "MASTERS");
  const id = await forwarded;
  client.socket.destroy();
  await client.untilClosed();
  server.reply(id, OK);
  server.reply(9999 as ClientId, OK);
  assert.equal(await (await connect()).ask("PING"), "+PONG");
});

test("a message that a command causes follows the reply of its own connection", async (t) => {
  const { connect, host, server } = await start(t);
  const client = await connect();
  await client.ask("HELLO", "3");
  await client.ask("SUBSCRIBE", "+set");
  host.onExecute = (id) => {
    server.publish("+set", "payload");
    server.reply(id, OK);
  };
  assert.equal(await client.ask("SENTINEL", "SET", "m", "quorum", "2"), "+OK");
  assert.equal(await client.reply(), '>["message", "+set", "payload"]');
});

test("section F: subscriptions in RESP2 and RESP3", async (t) => {
  const { connect, server } = await start(t);
  for (const mark of ["", ">"]) {
    const client = await connect();
    if (mark === ">") await client.ask("HELLO", "3");
    await playSubscriptions(client, mark, () => server.publish("+set", "p"));
  }
});

async function playSubscriptions(client: Client, mark: string, publish: () => void) {
  const nil = mark === "" ? "$-1" : "_";
  client.send("SUBSCRIBE", "+set", "-sdown");
  assert.equal(await client.reply(), `${mark}["subscribe", "+set", :1]`);
  assert.equal(await client.reply(), `${mark}["subscribe", "-sdown", :2]`);
  assert.equal(await client.ask("PSUBSCRIBE", "+s*"), `${mark}["psubscribe", "+s*", :3]`);
  assert.equal(await client.ask("SUBSCRIBE", "+set"), `${mark}["subscribe", "+set", :3]`);
  assert.equal(await client.ask("PING"), mark === "" ? '["pong", ""]' : "+PONG");
  assert.equal(await client.ask("PING", "x"), mark === "" ? '["pong", "x"]' : '"x"');
  assert.equal(
    await client.ask("SENTINEL", "MYID"),
    mark === ""
      ? "-ERR Can't execute 'sentinel|myid': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
      : "+FORWARDED",
  );
  publish();
  assert.equal(await client.reply(), `${mark}["message", "+set", "p"]`);
  assert.equal(await client.reply(), `${mark}["pmessage", "+s*", "+set", "p"]`);
  assert.equal(await client.ask("UNSUBSCRIBE", "nosuch"), `${mark}["unsubscribe", "nosuch", :3]`);
  client.send("UNSUBSCRIBE");
  assert.equal(await client.reply(), `${mark}["unsubscribe", "+set", :2]`);
  assert.equal(await client.reply(), `${mark}["unsubscribe", "-sdown", :1]`);
  assert.equal(await client.ask("PUNSUBSCRIBE"), `${mark}["punsubscribe", "+s*", :0]`);
  assert.equal(await client.ask("PUNSUBSCRIBE"), `${mark}["punsubscribe", ${nil}, :0]`);
  assert.equal(await client.ask("SENTINEL", "MYID"), "+FORWARDED");
}

test("HELLO 2 puts a RESP3 subscriber under the restriction", async (t) => {
  const client = await (await start(t)).connect();
  await client.ask("HELLO", "3");
  await client.ask("SUBSCRIBE", "a");
  await client.ask("HELLO", "2");
  assert.equal(await client.ask("PING"), '["pong", ""]');
  assert.match(await client.ask("HELLO", "3"), /^-ERR Can't execute 'hello'/);
});

test("a subscriber that does not read is closed at the hard limit", async (t) => {
  const limits = { normal: pubsub, replica, pubsub: { ...pubsub, hardBytes: 1024 * 1024 } };
  const { connect, host, server } = await start(t, { clientOutputBufferLimit: limits });
  const client = await connect();
  await client.ask("SUBSCRIBE", "+sdown");
  client.socket.pause();
  for (let i = 0; i < 100 && host.logged.length === 0; i++) {
    server.publish("+sdown", "x".repeat(100_000));
    await setImmediate();
  }
  const [level, text] = host.logged[0] ?? [];
  assert.equal(level, "warning");
  assert.match(
    text ?? "",
    /^Client id=1 addr=.* scheduled to be closed ASAP for overcoming of output buffer limits\.$/,
  );
  client.socket.resume();
  await client.untilClosed();
  assert.match(
    await (await connect()).ask("INFO", "stats"),
    /client_output_buffer_limit_disconnections:1\\r/,
  );
});

test("the soft limit gives a subscriber its seconds", async (t) => {
  const soft = { hardBytes: 0, softBytes: 1024 * 1024, softSeconds: 60 };
  const limits = { normal: pubsub, replica, pubsub: soft };
  const { connect, host, server } = await start(t, { clientOutputBufferLimit: limits });
  const client = await connect();
  await client.ask("SUBSCRIBE", "+sdown");
  client.socket.pause();
  server.publish("+sdown", "x".repeat(4 * 1024 * 1024));
  await setImmediate();
  host.nowMs += 60_000;
  server.tick();
  assert.deepEqual(host.logged, []);
  host.nowMs += 1001;
  server.tick();
  assert.equal(host.logged.length, 1);
});

test("the client above maxclients gets one sentence", async (t) => {
  const { connect } = await start(t, { maxclients: 1 });
  const client = await connect();
  await client.ask("PING");
  const excess = await connect();
  assert.equal(await excess.untilClosed(), "-ERR max number of clients reached\r\n");
  assert.match(await client.ask("INFO", "stats"), /rejected_connections:1\\r/);
});

test("an idle client is closed after more than timeout seconds, a subscriber is not", async (t) => {
  const { connect, host, server } = await start(t, { timeoutSeconds: 10 });
  const [idle, subscriber] = [await connect(), await connect()];
  await idle.ask("PING");
  await subscriber.ask("SUBSCRIBE", "a");
  host.nowMs += 10_000;
  server.tick();
  assert.equal(await idle.ask("PING"), "+PONG");
  host.nowMs += 10_001;
  server.tick();
  assert.equal(await idle.untilClosed(), "");
  assert.deepEqual(host.logged, [["verbose", "Closing idle client"]]);
  assert.equal(await subscriber.ask("PING"), '["pong", ""]');
});

test("unfinished input above the query buffer limit closes without a word", async (t) => {
  const { connect, host } = await start(t, { clientQueryBufferLimitBytes: 1000 });
  const client = await connect();
  client.raw(`*1\r\n$5000\r\n${"x".repeat(2000)}`);
  assert.equal(await client.untilClosed(), "");
  assert.match(
    host.logged[0]?.[1] ?? "",
    /^Closing client that reached max query buffer length: id=1 /,
  );
});

test("HTTP is dropped in silence and reported once a minute", async (t) => {
  const { connect, host } = await start(t);
  for (const waitMs of [0, 60_000, 1]) {
    host.nowMs += waitMs;
    const client = await connect();
    client.raw("POST / HTTP/1.1\r\nHost: x\r\n");
    assert.equal(await client.untilClosed(), "");
  }
  assert.equal(host.logged.length, 2);
  assert.match(host.logged[0]?.[1] ?? "", /^Possible SECURITY ATTACK detected\./);
});

test("SHUTDOWN is handed to the process, and nothing is answered", async (t) => {
  const { connect, host, server } = await start(t);
  const client = await connect();
  client.raw("PING\r\nSHUTDOWN NOSAVE NOW FORCE\r\nPING\r\n");
  assert.equal(await client.reply(), "+PONG");
  assert.equal(host.shutdowns, 1);
  server.close();
  assert.equal(await client.untilClosed(), "");
});

test("rename-command moves, removes and is invisible to the core", async (t) => {
  const renamedCommands = [
    ["ping", "Knock"],
    ["SHUTDOWN", ""],
    ["sentinel", "watch"],
  ] as const;
  const { connect, host } = await start(t, { renamedCommands });
  const client = await connect();
  assert.equal(await client.ask("KNOCK"), "+PONG");
  assert.match(await client.ask("PING"), /^-ERR unknown command 'PING'/);
  assert.match(await client.ask("SHUTDOWN"), /^-ERR unknown command 'SHUTDOWN'/);
  assert.equal(await client.ask("WATCH", "masters"), "[]");
  assert.deepEqual(host.executed, [[1, ["sentinel", "masters"]]]);
  assert.equal(await client.ask("COMMAND", "COUNT"), ":14");
});

test("CLIENT PAUSE holds commands back until its end, UNPAUSE or time", async (t) => {
  const { connect, host, server } = await start(t);
  const [pauser, other] = [await connect(), await connect()];
  await pauser.ask("CLIENT", "PAUSE", "500", "WRITE");
  assert.equal(await other.ask("PING"), "+PONG");
  other.send("PUBLISH", "__sentinel__:hello", "x");
  assert.equal(await pauser.ask("CLIENT", "UNPAUSE"), "+OK");
  assert.equal(await other.reply(), ":1");
  await pauser.ask("CLIENT", "PAUSE", "500");
  // Also after a time that ended; unknown commands and errors are not held back.
  other.raw("PING held\r\n");
  assert.match(await pauser.ask("FOO"), /^-ERR unknown/);
  host.nowMs += 500;
  server.tick();
  assert.equal(await other.reply(), '"held"');
});

test("a command held back does not outlive its user", async (t) => {
  const { connect, host } = await start(t);
  const [admin, client] = [await connect(), await connect()];
  await admin.ask("ACL", "SETUSER", "bob", "on", "nopass", "+@all", "allchannels");
  await client.ask("AUTH", "bob", "x");
  await admin.ask("CLIENT", "PAUSE", "500", "WRITE");
  client.raw(`PING\r\n${request(["PUBLISH", "__sentinel__:hello", "x"])}`);
  assert.equal(await client.reply(), "+PONG");
  await admin.ask("ACL", "DELUSER", "bob");
  assert.equal(await client.untilClosed(), "");
  await admin.ask("CLIENT", "UNPAUSE");
  assert.deepEqual(host.executed, []);
});

test("a client may kill others, and itself after its answer", async (t) => {
  const { connect } = await start(t);
  const [killer, other] = [await connect(), await connect()];
  await other.ask("PING");
  assert.equal(await killer.ask("CLIENT", "KILL", "TYPE", "normal"), ":1");
  assert.equal(await other.untilClosed(), "");
  killer.send("CLIENT", "KILL", "ID", "1", "SKIPME", "no");
  assert.equal(await killer.untilClosed(), ":1\r\n");
});

test("the replies to one batch leave in one write", async (t) => {
  const client = await (await start(t)).connect();
  const before = Number(/total_writes_processed:(\d+)/.exec(await client.ask("INFO"))?.[1]);
  client.raw("PING\r\n".repeat(100));
  for (let i = 0; i < 100; i++) assert.equal(await client.reply(), "+PONG");
  const after = Number(/total_writes_processed:(\d+)/.exec(await client.ask("INFO"))?.[1]);
  assert.equal(after - before, 2);
});

test("before the core is loaded INFO waits, other questions to the server do not", async (t) => {
  const { connect, host, server } = await start(t);
  const [client, other] = [await connect(), await connect()];
  host.sentinelInfo = () => null;
  client.send("INFO", "sentinel");
  assert.equal(await other.ask("PING"), "+PONG");
  assert.match(await other.ask("INFO", "server"), /redis_mode:sentinel/);
  host.sentinelInfo = () => "# Sentinel\r\nsentinel_masters:1\r\n";
  server.resume();
  assert.match(await client.reply(), /sentinel_masters:1/);
});
