import assert from "node:assert/strict";
import type { Reply } from "../../src/base/reply.ts";
import { LoneSentinel } from "../core/harness.ts";
import { connectionId } from "../support/ids.ts";
import type { Chance } from "./chance.ts";
import { helloText, infoText } from "./texts.ts";

const steps = 40;

/** Links that answer anything at all: the core goes on and still answers its clients. */
export function fuzzCore(chance: Chance): void {
  const sentinel = new LoneSentinel();
  sentinel.step({ type: "start" });
  for (let i = 0; i < steps; i++) {
    sentinel.pass(chance.pick([100, 1000, 10_000]));
    answerAll(sentinel, chance);
    // What is behind us would only fill the memory.
    if (sentinel.effects.length > 5000) break;
  }
  const reply = sentinel.ask("SENTINEL", "MASTERS");
  assert.equal(reply?.type, "array");
}

function answerAll(sentinel: LoneSentinel, chance: Chance): void {
  const pending = sentinel.effects.splice(0);
  for (const effect of pending) {
    if (effect.type === "connect") {
      const { connection } = effect;
      if (chance.once(5)) sentinel.step({ type: "linkDown", connection, reason: chance.bytes(9) });
      else sentinel.step({ type: "linkUp", connection, localIp: "127.0.0.1" });
      if (effect.purpose === "pubsub" && chance.once(2)) say(sentinel, chance, connection);
    }
    if (effect.type !== "send") continue;
    const { connection, request, args } = effect;
    const reply = chance.once(3) ? anything(chance, 3) : fitting(chance, args);
    if (reply !== null) sentinel.step({ type: "reply", connection, request, reply });
  }
}

function say(sentinel: LoneSentinel, chance: Chance, connection: number): void {
  const channel = chance.once(4) ? chance.bytes(8) : "__sentinel__:hello";
  sentinel.step({
    type: "message",
    connection: connectionId(connection),
    channel,
    payload: helloText(chance),
  });
}

/** What such a request is answered with, more or less; null: nothing. */
function fitting(chance: Chance, args: readonly string[]): Reply | null {
  switch (args[0]) {
    case "PING":
      return chance.once(5) ? null : { type: "status", text: "PONG" };
    case "INFO":
      return { type: "bulk", text: infoText(chance) };
    case "SENTINEL":
      return {
        type: "array",
        items: [anything(chance, 0), anything(chance, 0), anything(chance, 0)],
      };
    default:
      return { type: "status", text: "OK" };
  }
}

function anything(chance: Chance, depth: number): Reply {
  const items = () => (depth === 0 ? [] : chance.many(4, () => anything(chance, depth - 1)));
  switch (chance.int(0, 8)) {
    case 0:
      return { type: "status", text: chance.bytes(8) };
    case 1:
      return {
        type: "error",
        text: chance.pick(["LOADING x", "BUSY x", "NOAUTH x", chance.bytes(8)]),
      };
    case 2:
      return { type: "integer", value: chance.pick([0, 1, -1, 2 ** 53, 2n ** 63n - 1n]) };
    case 3:
      return { type: "bulk", text: chance.pick([chance.bytes(40), infoText(chance)]) };
    case 4:
      return { type: "nil" };
    case 5:
      return { type: "nilArray" };
    default:
      return { type: "array", items: items() };
  }
}
