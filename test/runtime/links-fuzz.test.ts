import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Input } from "../../src/core/input.ts";
import { Dialer } from "../../src/runtime/links/dialer.ts";
import { Links } from "../../src/runtime/links/links.ts";
import { connectionId, requestId } from "../support/ids.ts";
import { fakeServer, Mailbox } from "./support.ts";

/** Pieces of the protocol, right and wrong, in any order. */
const piece = fc.oneof(
  fc.constantFrom("+OK\r\n", "-ERR no\r\n", ":1\r\n", ":x\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n"),
  fc.constantFrom("_\r\n", "#t\r\n", ",1.5\r\n", "(99\r\n", "=7\r\ntxt:abc\r\n", "!3\r\nERR\r\n"),
  fc.constantFrom(...["*", "%", "~", ">", "|"].map((type) => `${type}2\r\n`)),
  fc.constantFrom(
    "$7\r\nmessage\r\n",
    "$9\r\nsubscribe\r\n",
    "$11\r\nunsubscribe\r\n",
    "$1\r\nc\r\n",
  ),
  fc.constantFrom(
    "$8\r\npmessage\r\n",
    "$8\r\nsmessage\r\n",
    "$12\r\nsunsubscribe\r\n",
    "+moved\r\n",
  ),
  fc.integer({ min: -9, max: 99_999_999 }).map((length) => `$${length}\r\n`),
  fc.integer({ min: -9, max: 2 ** 40 }).map((length) => `*${length}\r\n`),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);

const RUNS = 400;

test("whatever a server says, a link ends in one linkDown and nothing is thrown", async (t) => {
  let speech: readonly string[] = [];
  const port = await fakeServer(t, (socket) => {
    socket.once("data", () => {
      for (const part of speech) socket.write(Buffer.from(part, "latin1"));
      socket.end();
    });
  });
  let connection = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.boolean(),
      async (pieces, subscribes) => {
        speech = pieces;
        const inputs = new Mailbox<Input>();
        const links = new Links(new Dialer(null, null), inputs.put);
        connection++;
        links.connect({
          type: "connect",
          connection: connectionId(connection),
          purpose: subscribes ? "pubsub" : "command",
          host: "127.0.0.1",
          ip: "127.0.0.1",
          port,
        });
        await inputs.take(({ type }) => type === "linkUp");
        const args = subscribes ? ["SUBSCRIBE", "c"] : ["PING"];
        links.send({
          type: "send",
          connection: connectionId(connection),
          request: requestId(1),
          args,
          asksInfo: false,
          subscribes,
        });
        links.send({
          type: "send",
          connection: connectionId(connection),
          request: requestId(2),
          args: ["PING"],
          asksInfo: false,
          subscribes: false,
        });
        await inputs.take(({ type }) => type === "linkDown");
        await new Promise((resolve) => setImmediate(resolve));
        assert.ok(inputs.values.every(({ type }) => type === "reply" || type === "message"));
        assert.equal(links.size, 0);
      },
    ),
    { numRuns: RUNS },
  );
});
