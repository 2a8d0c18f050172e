import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { digestOf } from "../../src/http/access.ts";
import { readHooks } from "../../src/http/hooks/config.ts";
import { HttpListener } from "../../src/http/listener.ts";
import { View } from "../../src/view/view.ts";
import { watching } from "../http/harness.ts";
import type { Chance } from "./chance.ts";

const TOKEN = "a-token-for-the-fuzzer";
const PATHS = [
  ...[
    "/",
    "/livez",
    "/readyz",
    "/quorumz?name=mymaster",
    "/metrics",
    "/status",
    "/events",
    "/page.js",
  ],
  ...["/is-master/mymaster/10.0.0.1/6379", "/is-replica/mymaster?lag=1MB", "/explain/mymaster"],
  ...[
    "/history?count=3&since=1&name=mymaster",
    "/status?name=mymaster",
    "*",
    "http://x/status",
    "//",
  ],
];
const HEADERS = [
  ...["Host: localhost", "Host: evil.example", "Content-Length: 3", "Transfer-Encoding: chunked"],
  ...["Connection: close", "Connection: upgrade", "Upgrade: h2c", "Expect: 100-continue"],
  ...["X-Haproxy-Server-State: UP; address=10.0.0.1; port=6379", "Last-Event-ID: 817"],
  ...["Authorization: Bearer wrong", "Authorization: Basic eA==", "X-Forwarded-For: 127.0.0.1"],
];
const METHODS = ["GET", "HEAD", "POST", "OPTIONS", "CONNECT", "PRI", "get"];
/** What Node or we may answer to a stranger. */
const STATUSES = ["100", "200", "400", "401", "403", "404", "405", "408", "417", "431", "503"];

const sentinel = watching();
const view = new View(sentinel.core.state, { redis: "7.4.0", own: "1.2.3" });
const faults: unknown[] = [];
const listener = new HttpListener({
  address: null,
  port: 1,
  tls: null,
  keys: () => ({ names: [], tokens: [digestOf(TOKEN)] }),
  host: {
    view: () => view,
    now: () => sentinel.now,
    wallNow: () => 1_700_000_000_000,
    history: () => Promise.resolve(['{"id":1}']),
    explain: () => Promise.resolve(null),
    hooks: () => [],
    certificateEndsAt: () => null,
    log: () => undefined,
    fault: (_where, error) => faults.push(error),
  },
});

/** The other end of a connection from elsewhere. */
class Wire extends Duplex {
  readonly remoteAddress = "10.0.0.9";
  readonly localAddress = "10.0.0.1";
  said = "";

  setTimeout(): this {
    return this;
  }

  override _read(): void {
    // The case says what comes.
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.said += chunk.toString("latin1");
    callback();
  }
}

/** A stranger gets what strangers may have, whatever he sends, and nobody is hurt by it. */
export async function fuzzHttp(chance: Chance): Promise<void> {
  fuzzHooks(chance);
  const wire = new Wire();
  listener.enter(wire as unknown as Socket);
  listener.hear("warning", chance.bytes(10), chance.bytes(40));
  let left = chance.many(3, () => request(chance)).join("");
  while (left !== "" && !wire.destroyed) {
    const length = chance.once(3) ? chance.int(1, 40) : left.length;
    wire.push(Buffer.from(left.slice(0, length), "latin1"));
    left = left.slice(length);
    await turn();
  }
  if (!wire.destroyed) wire.push(null);
  for (let idle = 0; idle < 8; idle++) await turn();
  wire.destroy();
  judge(wire.said);
}

function judge(said: string): void {
  assert.deepEqual(faults.splice(0), []);
  for (const [, status = ""] of said.matchAll(/^HTTP\/1\.1 (\d+)/gm)) {
    assert.ok(STATUSES.includes(status), said);
  }
  // What needs the token.
  assert.doesNotMatch(said, /^\{"schema":|content-type: text\/event-stream|s3cret/m);
}

function request(chance: Chance): string {
  const path = chance.once(3) ? chance.mutate(chance.pick(PATHS)) : chance.pick(PATHS);
  const method = chance.once(3) ? chance.pick(METHODS) : "GET";
  const version = chance.once(6)
    ? chance.pick(["HTTP/1.0", "HTTP/2.0", "HTTP/0.9", ""])
    : "HTTP/1.1";
  const lines = [`${method} ${path} ${version}`, ...chance.many(4, () => chance.pick(HEADERS))];
  const end = chance.once(8) ? "\n" : "\r\n";
  const text = `${lines.join(end)}${end}${end}`;
  return chance.once(4) ? chance.mutate(text) : text;
}

/** The file of hooks is read, or it is said what is wrong. */
function fuzzHooks(chance: Chance): void {
  const text = chance.mutate('[{"name":"n","url":"http://x/","events":["+x"],"secretFile":"s"}]');
  try {
    for (const { url } of readHooks(text, () => "secret")) assert.ok(new URL(url));
  } catch (error) {
    assert.ok(error instanceof Error && error.constructor === Error, String(error));
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
