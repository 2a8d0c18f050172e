import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Redis } from "../../src/runtime/links/ioredis.ts";
import { connectionId } from "../support/ids.ts";
import { Harness } from "./links-harness.ts";
import { fakeServer, freePort, Mailbox, realRedis } from "./support.ts";

test("a link comes up with its own address and answers come in order", async (t) => {
  const h = new Harness(t);
  const port = await realRedis(t);
  assert.deepEqual(await h.up(port), { type: "linkUp", connection: 1, localIp: "127.0.0.1" });
  assert.deepEqual(await h.ask("PING"), { type: "bulk", text: "PONG" });
  assert.deepEqual(await h.ask("INCR", "n"), { type: "integer", value: 1 });
  assert.deepEqual(await h.ask("GET", "missing"), { type: "nil" });
  const requests = [h.send(["ECHO", "a"]), h.send(["ECHO", "b"]), h.send(["NOSUCH"])];
  for (const request of requests) assert.equal((await h.next("reply")).request, request);
});

test("bytes go out and come back unchanged", async (t) => {
  const h = new Harness(t);
  await h.up(await realRedis(t));
  const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  assert.deepEqual(await h.ask("ECHO", everyByte), { type: "bulk", text: everyByte });
});

test("integers beyond 2^53 arrive exactly", async (t) => {
  const h = new Harness(t);
  await h.up(await realRedis(t));
  await h.ask("SET", "n", "9223372036854775806");
  assert.deepEqual(await h.ask("INCR", "n"), { type: "integer", value: 9223372036854775807n });
});

test("errors are replies, also inside a transaction's array", async (t) => {
  const h = new Harness(t);
  await h.up(await realRedis(t));
  await h.ask("SET", "text", "x");
  assert.deepEqual(await h.ask("LPUSH", "text", "y"), {
    type: "error",
    text: "WRONGTYPE Operation against a key holding the wrong kind of value",
  });
  await h.ask("MULTI");
  await h.ask("LPUSH", "text", "y");
  await h.ask("PING");
  assert.deepEqual(await h.ask("EXEC"), {
    type: "array",
    items: [
      { type: "error", text: "WRONGTYPE Operation against a key holding the wrong kind of value" },
      { type: "bulk", text: "PONG" },
    ],
  });
});

test("nothing is sent on a new connection but the core's commands", async (t) => {
  const h = new Harness(t);
  const seen = new Mailbox<string>();
  const port = await fakeServer(t, (socket) => {
    socket.on("data", (bytes) => seen.put(bytes.toString("latin1")));
  });
  await h.up(port);
  h.send(["PING"]);
  assert.equal(await seen.take(), "*1\r\n$4\r\nPING\r\n");
});

test("a subscription delivers messages and goes on answering PING", async (t) => {
  const h = new Harness(t);
  const port = await realRedis(t);
  await h.up(port, 1);
  await h.up(port, 2, "pubsub");
  const request = h.send(["SUBSCRIBE", "__sentinel__:hello"], true, 2);
  const subscribed = await h.next("reply");
  assert.deepEqual(subscribed.reply, { type: "integer", value: 1 });
  assert.equal(subscribed.request, request);
  h.send(["PUBLISH", "__sentinel__:hello", "caf\xe9"]);
  assert.deepEqual(await h.next("message"), {
    type: "message",
    connection: 2,
    channel: "__sentinel__:hello",
    payload: "caf\xe9",
  });
});

test("a subscription works under a renamed command", async (t) => {
  const h = new Harness(t);
  const port = await realRedis(t, "--rename-command", "SUBSCRIBE", "hidden");
  await h.up(port, 1);
  await h.up(port, 2, "pubsub");
  h.send(["hidden", "news"], true, 2);
  assert.deepEqual((await h.next("reply")).reply, { type: "integer", value: 1 });
  h.send(["PUBLISH", "news", "x"]);
  assert.equal((await h.next("message")).payload, "x");
});

test("a refused subscription is an error reply and the link stays", async (t) => {
  const h = new Harness(t);
  await h.up(await realRedis(t, "--requirepass", "secret"), 1, "pubsub");
  h.send(["SUBSCRIBE", "news"], true);
  const { reply } = await h.next("reply");
  assert.deepEqual(reply, { type: "error", text: "NOAUTH Authentication required." });
  assert.deepEqual(await h.ask("AUTH", "secret"), { type: "bulk", text: "OK" });
});

test("a command whose new name means something to ioredis is just a command", async (t) => {
  const h = new Harness(t);
  await h.up(
    await realRedis(t, "--rename-command", "QUIT", "bye", "--rename-command", "ECHO", "quit"),
  );
  assert.deepEqual(await h.ask("quit", "still here"), { type: "bulk", text: "still here" });
  assert.deepEqual(await h.ask("PING"), { type: "bulk", text: "PONG" });
});

test("a refused connection says why, once", async (t) => {
  const h = new Harness(t);
  h.connect(await freePort());
  assert.deepEqual(await h.next("linkDown"), {
    type: "linkDown",
    connection: 1,
    reason: "Connection refused",
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(h.inputs.values, []);
  assert.equal(h.links.size, 0);
});

test("an attempt that is refused makes no client of ioredis, which would double its cost", async (t) => {
  const h = new Harness(t);
  const connect = t.mock.method(Redis.prototype, "connect");
  h.connect(await freePort());
  await h.next("linkDown");
  assert.equal(connect.mock.callCount(), 0);
  await h.up(await realRedis(t), 2);
  assert.equal(connect.mock.callCount(), 1);
});

test("an end by the server is told once, and unanswered commands are not", async (t) => {
  const h = new Harness(t);
  await h.up(await fakeServer(t, (socket) => socket.once("data", () => socket.end())));
  h.send(["PING"]);
  assert.match(
    (await h.next("linkDown")).reason,
    /before it said a word: .*\(Server closed the connection\)$/,
  );
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(h.inputs.values, []);
});

test("after our disconnect nothing is heard", async (t) => {
  const h = new Harness(t);
  const closed = new Mailbox<string>();
  const port = await fakeServer(t, (socket) => {
    socket.on("data", () => socket.write("+PONG\r\n"));
    socket.on("close", () => closed.put("closed"));
  });
  await h.up(port);
  h.send(["PING"]);
  h.links.disconnect(connectionId(1));
  h.send(["PING"]);
  await closed.take();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(h.inputs.values, []);
});

test("a connection given up before it is established is never heard of", async (t) => {
  const h = new Harness(t);
  h.connect(await freePort());
  h.links.disconnect(connectionId(1));
  await h.up(await realRedis(t), 2);
  assert.deepEqual(h.inputs.values, []);
});

test("links leave from bind-source-addr", async (t) => {
  const h = new Harness(t, "127.0.0.77");
  const peers = new Mailbox<string>();
  const port = await fakeServer(t, (socket) => peers.put(String(socket.remoteAddress)));
  assert.equal((await h.up(port)).localIp, "127.0.0.77");
  assert.equal(await peers.take(), "127.0.0.77");
});

test("a local address that cannot be had is a linkDown", async (t) => {
  const h = new Harness(t, "192.0.2.1");
  h.connect(await freePort());
  assert.match((await h.next("linkDown")).reason, /Cannot assign requested address/);
  const nonsense = new Harness(t, "not an address");
  nonsense.connect(await freePort());
  assert.match((await nonsense.next("linkDown")).reason, /not an address/);
});

const HOSTILE: readonly (readonly [name: string, bytes: string])[] = [
  ["garbage", "HTTP/1.1 400 Bad Request\r\n\r\n"],
  ["an unsolicited null", "$-1\r\n"],
  ["an unsolicited null array", "*-1\r\n"],
  ["an unsolicited integer", ":1\r\n"],
  ["an unsolicited error", "-ERR max number of clients reached\r\n"],
  ["an array of negative length", "*-7\r\n"],
  ["a huge array", "*99999999999\r\n"],
  ["a bulk of negative length", "$-7\r\nabc\r\n+x\r\n+y\r\n"],
  ["arrays without end", "*1\r\n".repeat(100_000)],
  ["a push that starts with a null", ">1\r\n_\r\n"],
  ["a subscribe push of nothing", ">1\r\n+subscribe\r\n"],
  ["an unsolicited map", "%1\r\n+a\r\n+b\r\n"],
  ["an unsolicited message", "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n"],
];

for (const [name, bytes] of HOSTILE) {
  test(`a server that says ${name} loses the link`, async (t) => {
    const h = new Harness(t);
    const port = await fakeServer(t, (socket) => socket.write(Buffer.from(bytes, "latin1")));
    h.connect(port);
    const { reason } = await h.next("linkDown");
    assert.ok(reason.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(h.inputs.values.filter(({ type }) => type !== "linkUp").length, 0);
  });
}

const WRONG_ANSWERS: readonly (readonly [name: string, bytes: string])[] = [
  ["a double", ",1.5\r\n"],
  ["a number that is none", ":abc\r\n"],
  ["a boolean", "#t\r\n"],
  ["a null inside nonsense", "*2\r\n:x\r\n_\r\n"],
  ["garbage", "\0\0\0"],
];

for (const [name, bytes] of WRONG_ANSWERS) {
  test(`${name} as an answer ends the link`, async (t) => {
    const h = new Harness(t);
    await h.up(await fakeServer(t, (socket) => socket.once("data", () => socket.write(bytes))));
    h.send(["PING"]);
    assert.ok((await h.next("linkDown")).reason.length > 0);
  });
}

const WRONG_SUBSCRIPTIONS: readonly string[] = [
  "+OK\r\n",
  ":1\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "*0\r\n",
  "*1\r\n$-1\r\n",
  "*3\r\n$9\r\nsubscribe\r\n$-1\r\n:1\r\n",
  "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$-1\r\n$-1\r\n",
  "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*1\r\n$7\r\nmessage\r\n",
  "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n*0\r\n",
  "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n+bye\r\n",
];

for (const bytes of WRONG_SUBSCRIPTIONS) {
  test(`SUBSCRIBE answered by ${JSON.stringify(bytes)} ends the link`, async (t) => {
    const h = new Harness(t);
    const port = await fakeServer(t, (socket) => socket.once("data", () => socket.write(bytes)));
    await h.up(port, 1, "pubsub");
    h.send(["SUBSCRIBE", "c"], true);
    assert.ok((await h.next("linkDown")).reason.length > 0);
  });
}

for (const begin of [
  "+",
  "$999999999999\r\n",
  "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$900000000\r\n",
]) {
  test(`a reply without end (${JSON.stringify(begin)}) ends the link before memory does`, async (t) => {
    const h = new Harness(t);
    const flood = Buffer.alloc(1024 * 1024, "x");
    const port = await fakeServer(t, (socket) => {
      const pour = (): void => {
        while (!socket.destroyed && socket.write(flood));
      };
      socket.on("drain", pour);
      socket.write(begin);
      pour();
    });
    await h.up(port);
    assert.match((await h.next("linkDown")).reason, /without end/);
  });
}

test("what is not an address is not dialled", async (t) => {
  const h = new Harness(t);
  const target = { host: "localhost", ip: "", port: 1 };
  h.links.connect({ type: "connect", connection: connectionId(1), purpose: "command", ...target });
  assert.match((await h.next("linkDown")).reason, /not an address/);
});

/** The heap after each of some rounds of a thousand connections that go down by themselves. */
async function heapAfterRounds(h: Harness, port: number): Promise<number[]> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heaps: number[] = [];
  for (let connection = 0; connection < 4_000; ) {
    for (let end = connection + 100; connection < end; connection++) h.connect(port, connection);
    while (h.links.size > 0) await h.next("linkDown");
    h.inputs.values.length = 0;
    if (connection % 1_000 > 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    heaps.push(process.memoryUsage().heapUsed);
  }
  return heaps;
}

/** What is kept of each connection shows in every round; what is compiled or cached, in one. */
function assertNothingKept(heaps: readonly number[]): void {
  const growths = heaps.slice(1).map((heap, round) => heap - (heaps[round] ?? 0));
  assert.equal(growths.length, 3);
  assert.ok(Math.min(...growths) < 250_000, `the heap grew by ${growths} bytes`);
}

test("thousands of refused connections leave nothing behind", async (t) => {
  const h = new Harness(t);
  const heaps = await heapAfterRounds(h, await freePort());
  assertNothingKept(heaps);
});

test("thousands of connections closed by the server leave nothing behind", async (t) => {
  const h = new Harness(t);
  const heaps = await heapAfterRounds(h, await fakeServer(t, (socket) => socket.end("$-1\r\n")));
  assertNothingKept(heaps);
});
