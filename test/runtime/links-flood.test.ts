import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Harness } from "./links-harness.ts";

// A server that never stops talking keeps nobody else waiting.

const MOST_STALL_MS = 50;
/** The machine may be busy otherwise: of so many attempts the best one counts. */
const ATTEMPTS = 5;
const TURNS = 200;

/** Answers the first words of each connection with `first`, then says `piece` for ever. */
const FLOOD = `
const { parentPort, workerData } = require("node:worker_threads");
const { first, piece } = workerData;
const server = require("node:net").createServer((socket) => {
  socket.on("error", () => socket.destroy());
  const pour = () => { while (socket.writable && socket.write(piece)); };
  socket.on("drain", pour);
  socket.once("data", () => { socket.write(first); pour(); });
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

async function floodServer(t: TestContext, first: string, piece: string): Promise<number> {
  const worker = new Worker(FLOOD, { eval: true, workerData: { first, piece } });
  t.after(() => worker.terminate());
  const [port] = await once(worker, "message");
  return port;
}

/** The longest turn of the event loop. */
async function longestTurn(turns: number): Promise<number> {
  let longestMs = 0;
  for (let turn = 0; turn < turns; turn++) {
    const startedMs = performance.now();
    await setImmediate();
    longestMs = Math.max(longestMs, performance.now() - startedMs);
  }
  return longestMs;
}

async function bestOf(measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && best >= MOST_STALL_MS; attempt++) {
    best = Math.min(best, await measure());
  }
  return best;
}

for (const reply of ["+PONG", "$-1", "-ERR max number of clients reached"]) {
  test(`replies that nobody asked for end the link at the second: ${reply}`, async (t) => {
    const h = new Harness(t);
    const port = await floodServer(t, "+PONG\r\n", `${reply}\r\n`.repeat(10_000));
    let connection = 0;
    const stallMs = await bestOf(async () => {
      connection++;
      await h.up(port, connection);
      h.send(["PING"], false, connection);
      const down = h.next("linkDown");
      const longestMs = await longestTurn(TURNS);
      const { reason } = await down;
      if (reply.startsWith("-")) assert.match(reason, /nobody asked for: ERR max number/);
      return longestMs;
    });
    assert.ok(stallMs < MOST_STALL_MS, `${stallMs.toFixed()} ms`);
    assert.equal(h.inputs.values.filter(({ type }) => type === "reply").length, connection);
  });
}

test("messages without end have their turn, and no more", async (t) => {
  const h = new Harness(t);
  const channel = "$18\r\n__sentinel__:hello\r\n";
  const subscribed = `*3\r\n$9\r\nsubscribe\r\n${channel}:1\r\n`;
  const messages = Array.from({ length: 1_000 }, (_, i) => {
    return `*3\r\n$7\r\nmessage\r\n${channel}$4\r\n${String(i).padStart(4, "0")}\r\n`;
  });
  const port = await floodServer(t, subscribed, messages.join(""));
  await h.up(port, 1, "pubsub");
  h.send(["SUBSCRIBE", "__sentinel__:hello"], true);
  await h.next("message");
  let most = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const before = h.inputs.values.length;
    await setImmediate();
    most = Math.max(most, h.inputs.values.length - before);
  }
  // What one read brings, which takes a few milliseconds.
  const bytes = Buffer.byteLength(messages[0] ?? "");
  assert.ok(most <= 1 + (16 * 1024) / bytes, `${most} messages in one turn`);
});
