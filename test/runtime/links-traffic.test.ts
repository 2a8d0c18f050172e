import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionId } from "../support/ids.ts";
import { Harness } from "./links-harness.ts";
import { fakeServer, Mailbox } from "./support.ts";

/** A message as a server pushes it. */
function push(payload: string): string {
  return `*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$${payload.length}\r\n${payload}\r\n`;
}

test("messages that repeat word for word arrive each time, on every link, whole or in pieces", async (t) => {
  const h = new Harness(t);
  const both = push("a") + push("b");
  const chunks = [
    both,
    both,
    push("b"),
    both,
    both + both.slice(0, 10),
    both.slice(10),
    push("b"),
    both,
  ];
  const port = await fakeServer(t, (socket) => {
    socket.on("data", (bytes) => {
      if (/SUBSCRIBE/.test(bytes.toString()))
        socket.write("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
      const chunk = /NEXT (\d)/.exec(bytes.toString().replace(/\r\n\$1\r\n/, " "))?.[1];
      if (chunk !== undefined) socket.write(`${chunks[Number(chunk)]}`);
    });
  });
  for (const connection of [1, 2]) {
    await h.up(port, connection, "pubsub");
    h.send(["SUBSCRIBE", "c"], true, connection);
    await h.next("reply");
    for (const [index, chunk] of chunks.entries()) {
      h.send(["NEXT", String(index)], false, connection);
      for (const [, payload] of chunk.matchAll(/\$1\r\n([ab])\r\n/g)) {
        assert.equal((await h.next("message")).payload, payload);
      }
    }
  }
  assert.deepEqual(h.inputs.values, []);
});

test("bytes that were messages elsewhere are a reply where nothing is subscribed", async (t) => {
  const h = new Harness(t);
  const message = push("x");
  const subscribed = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n";
  const port = await fakeServer(t, (socket) => {
    socket.on("data", (bytes) => {
      socket.write(/SUBSCRIBE/.test(bytes.toString()) ? subscribed : message);
    });
  });
  await h.up(port, 1, "pubsub");
  h.send(["SUBSCRIBE", "c"], true, 1);
  await h.next("reply");
  h.send(["PING"], false, 1);
  await h.next("message");
  await h.up(port, 2);
  h.send(["LRANGE", "list", "0", "2"], false, 2);
  const items = ["message", "c", "x"].map((text) => ({ type: "bulk", text }));
  assert.deepEqual((await h.next("reply")).reply, { type: "array", items });
});

test("what one turn sends on a link leaves in one piece, also right before a disconnect", async (t) => {
  const h = new Harness(t);
  const seen = new Mailbox<string>();
  const port = await fakeServer(t, (socket) => {
    socket.on("data", (bytes) => seen.put(bytes.toString("latin1")));
  });
  const ping = "*1\r\n$4\r\nPING\r\n";
  await h.up(port);
  h.send(["PING"]);
  h.send(["PING"]);
  assert.equal(await seen.take(), ping + ping);
  h.send(["PING"]);
  h.links.disconnect(connectionId(1));
  assert.equal(await seen.take(), ping);
});
