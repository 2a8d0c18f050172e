import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { test } from "node:test";
import { Gate } from "../../src/http/gate.ts";
import { STALLED_ANSWER_MS } from "../../src/http/limits.ts";
import { until } from "../support/until.ts";
import { ask, listening, rawConnection, watching } from "./harness.ts";

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A gate before a connection that a test writes to, and what it handed on. */
function gated() {
  const wire = new PassThrough();
  const gate = new Gate(wire as unknown as Socket, () => 0);
  const handed: string[] = [];
  gate.on("data", (chunk: Buffer) => handed.push(chunk.toString("latin1")));
  return { wire, gate, handed };
}

test("requests that come together are handed on one by one, each when the last was answered", async () => {
  const { wire, gate, handed } = gated();
  const heads = [
    "GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /b HTTP/1.0\n\n",
    "GET /c HTTP/1.1\r\n\n",
  ];
  wire.write(heads.join(""));
  for (let count = 1; count <= heads.length; count++) {
    for (let idle = 0; idle < 5; idle++) await turn();
    assert.deepEqual(handed, heads.slice(0, count));
    gate.next();
    // Not in the turn of the answer.
    assert.equal(handed.length, count);
  }
});

test("a head that comes in pieces goes on in pieces, and what is behind it waits", async () => {
  const { wire, gate, handed } = gated();
  for (const piece of ["\r\n\r\nGE", "T / HTTP/1.1\r", "\nHost: x\r\n", "\r", "\nGET /next"]) {
    wire.write(piece);
    await turn();
  }
  assert.equal(handed.join(""), "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  gate.next();
  await turn();
  await turn();
  assert.equal(handed.at(-1), "GET /next");
});

test("two thousand requests in one reading are answered in order, and others in between", async (t) => {
  const { port } = await listening(t, watching());
  const count = 2_000;
  const paths = Array.from({ length: count }, (_, at) => `/nothing/${at % 7}`);
  const many = rawConnection(
    port,
    paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(""),
  );
  await until(() => many.text !== "", { what: "the first answer" });
  assert.equal((await ask(port, "/livez")).status, 200);
  const before = many.text.match(/HTTP\/1\.1 404/g)?.length ?? 0;
  assert.ok(before < count, `${before} before`);
  await until(() => many.text.match(/HTTP\/1\.1 404/g)?.length === count, { what: "all answers" });
  many.socket.destroy();
});

test("who does not read what it is sent gives way", async () => {
  let now = 0;
  let take: (() => void) | undefined;
  const wire = new Duplex({
    read: () => undefined,
    write(_chunk, _encoding, callback) {
      take = () => callback();
    },
  });
  const gate = new Gate(wire as unknown as Socket, () => now);
  wire.push("GET / HTTP/1.1\r\n\r\n");
  await turn();
  gate.write("a part of the answer");
  now += STALLED_ANSWER_MS - 1;
  assert.equal(gate.givesWay, false);
  now += 1;
  assert.equal(gate.givesWay, true);
  take?.();
  await turn();
  assert.equal(gate.givesWay, false);
  gate.destroy();
});
