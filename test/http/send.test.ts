import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import type { Pieces } from "../../src/http/host.ts";
import { LONG_ANSWER_MS, MAX_LONG_ANSWERS, STALLED_ANSWER_MS } from "../../src/http/limits.ts";
import { Sender } from "../../src/http/send.ts";
import { releasePort, reservePort } from "../support/ports.ts";
import { until } from "../support/until.ts";
import { ask, type RawConnection, rawConnection } from "./harness.ts";

const PIECE = Buffer.alloc(64 * 1024, "x");
/** More than the system keeps for a connection. */
const LONG_PIECES = 400;

/** `/a` has one long text, `/b` another one; on `/short` a word. */
async function sending(t: TestContext) {
  const port = await reservePort();
  const texts = new Map<string, Pieces>();
  const clock = { now: 0 };
  const sender = new Sender(() => clock.now);
  const server = createServer((request, response) => {
    const { url = "" } = request;
    const text = texts.get(url) ?? Array.from({ length: LONG_PIECES }, () => PIECE);
    texts.set(url, text);
    const body = url === "/short" ? "word" : text;
    sender.send(request, response, { status: 200, type: "text/plain", body });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    releasePort(port);
  });
  return { port, clock, sender };
}

/** It reads the beginning, and no more. */
async function stalled(port: number, path: string): Promise<RawConnection> {
  const raw = rawConnection(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  raw.socket.once("data", () => raw.socket.pause());
  await until(() => raw.text !== "", { what: "the answer begins" });
  return raw;
}

async function isCutOff(raw: RawConnection): Promise<boolean> {
  raw.socket.resume();
  await Promise.race([
    raw.closed,
    until(() => raw.text.length > LONG_PIECES * PIECE.length, { what: "the whole text" }),
  ]);
  raw.socket.destroy();
  return raw.text.length < LONG_PIECES * PIECE.length;
}

test("few long texts wait for readers; readers of one text share it, and short ones are free", async (t) => {
  const { port } = await sending(t);
  const paths = Array.from({ length: MAX_LONG_ANSWERS }, (_, at) => `/${at}`);
  const readers = await Promise.all([...paths, "/0", "/0"].map((path) => stalled(port, path)));
  const { status, headers, body } = await ask(port, "/other");
  assert.deepEqual(
    [status, headers["retry-after"], body],
    [503, "1", "Too many long answers are being read\n"],
  );
  assert.equal((await ask(port, "/short")).status, 200);
  assert.equal((await ask(port, "/other", { method: "HEAD" })).status, 200);
  assert.equal((await ask(port, "/1")).body.length, LONG_PIECES * PIECE.length);
  for (const reader of readers) assert.equal(await isCutOff(reader), false);
  assert.equal((await ask(port, "/other")).status, 200);
});

/** A response whose reader takes a piece when the test says so. */
class HeldResponse extends EventEmitter {
  status = 0;
  isDestroyed = false;
  take: () => void = () => undefined;
  readonly setHeader = () => undefined;

  writeHead(status: number): void {
    this.status = status;
  }

  write(_bytes: Buffer, taken: () => void): void {
    this.take = taken;
  }

  end(): void {
    this.emit("close");
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit("close");
  }
}

test("who has stalled makes room, and who reads on does not", () => {
  let now = 0;
  const sender = new Sender(() => now);
  const ask = (): HeldResponse => {
    const response = new HeldResponse();
    const body = [PIECE, PIECE, PIECE];
    const request = { method: "GET", headers: {} } as IncomingMessage;
    const asServer = response as unknown as ServerResponse;
    sender.send(request, asServer, { status: 200, type: "text/plain", body });
    return response;
  };
  const readers = Array.from({ length: MAX_LONG_ANSWERS }, ask);
  now = STALLED_ANSWER_MS - 1;
  assert.equal(ask().status, 503);
  readers[0]?.take();
  now = STALLED_ANSWER_MS;
  assert.equal(ask().status, 200);
  assert.deepEqual(
    readers.map(({ isDestroyed }) => isDestroyed),
    readers.map((_, at) => at > 0),
  );
});

test("a long answer has an end in time", async (t) => {
  const { port, clock, sender } = await sending(t);
  const early = await stalled(port, "/a");
  clock.now += LONG_ANSWER_MS - 1;
  sender.tick();
  const late = await stalled(port, "/a");
  clock.now += 1;
  sender.tick();
  assert.equal(await isCutOff(early), true);
  assert.equal(await isCutOff(late), false);
});
