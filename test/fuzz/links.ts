import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Input } from "../../src/core/input.ts";
import { Dialer } from "../../src/runtime/links/dialer.ts";
import { Links } from "../../src/runtime/links/links.ts";
import { connectionId, requestId } from "../support/ids.ts";
import { releasePort, reservePort } from "../support/ports.ts";
import { deferred, within } from "../support/until.ts";
import type { Chance } from "./chance.ts";

const PIECES = [
  ...[
    "+OK\r\n",
    "-ERR no\r\n",
    ":1\r\n",
    ":x\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "*0\r\n",
    "$3\r\nabc\r\n",
  ],
  ...["_\r\n", "#t\r\n", ",1.5\r\n", "(99\r\n", "=7\r\ntxt:abc\r\n", "!3\r\nERR\r\n", "+moved\r\n"],
  ...["*2\r\n", "%2\r\n", "~2\r\n", ">2\r\n", "|2\r\n", "$7\r\nmessage\r\n", "$9\r\nsubscribe\r\n"],
  ...["$8\r\npmessage\r\n", "$11\r\nunsubscribe\r\n", "$1\r\nc\r\n", "*3\r\n", "*4\r\n"],
];

/** A server that says what it is told and closes. */
export class RudeServer {
  speech: readonly string[] = [];
  #port = 0;
  readonly #server = createServer((socket) => this.#speak(socket));

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    this.#port = await reservePort();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  close(): void {
    this.#server.close();
    releasePort(this.#port);
  }

  #speak(socket: Socket): void {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      for (const part of this.speech) socket.write(part, "latin1");
      socket.end();
    });
  }
}

/** Whatever a server says, its link ends in one linkDown, and nothing is left of it. */
export async function fuzzLinks(chance: Chance, server: RudeServer): Promise<void> {
  server.speech = chance.many(12, () => piece(chance));
  const inputs: Input[] = [];
  const down = deferred<void>();
  const links = new Links(new Dialer(null, null), (input) => {
    inputs.push(input);
    if (input.type === "linkUp") talk(links, chance);
    if (input.type === "linkDown") down.resolve();
  });
  const where = { host: "127.0.0.1", ip: "127.0.0.1", port: server.port };
  const purpose = chance.pick(["command", "pubsub"] as const);
  links.connect({ type: "connect", connection: connectionId(1), purpose, ...where });
  await within(down.promise, 10_000, "the end of a link");
  await new Promise((resolve) => setImmediate(resolve));
  const ends = inputs.filter(({ type }) => type === "linkDown");
  assert.equal(ends.length, 1);
  assert.equal(links.size, 0);
}

function talk(links: Links, chance: Chance): void {
  const subscribes = chance.once(2);
  const args = subscribes ? ["SUBSCRIBE", "c"] : ["PING"];
  links.send({
    type: "send",
    connection: connectionId(1),
    request: requestId(1),
    args,
    asksInfo: false,
    subscribes,
  });
  links.send({
    type: "send",
    connection: connectionId(1),
    request: requestId(2),
    args: ["PING"],
    asksInfo: false,
    subscribes: false,
  });
}

function piece(chance: Chance): string {
  if (!chance.once(4)) return chance.pick(PIECES);
  return chance.pick([
    `${chance.pick([..."$*%~>=:"])}${chance.digits()}\r\n`,
    chance.bytes(12),
    chance.mutate(chance.pick(PIECES)),
  ]);
}
