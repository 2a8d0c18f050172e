import assert from "node:assert/strict";
import { test } from "node:test";
import { Harness } from "./links-harness.ts";
import { fakeServer } from "./support.ts";

const SUBSCRIBED = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n";

function message(payload: string): string {
  return `*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$${payload.length}\r\n${payload}\r\n`;
}

for (const cut of [64 * 1024, 10_007, 997]) {
  test(`a message that is too long is left out and costs no other (in pieces of ${cut})`, async (t) => {
    const inside = message("inside");
    const speech =
      SUBSCRIBED + message("a") + message(inside.repeat(30_000)) + message("b") + message("a");
    const port = await fakeServer(t, (socket) => {
      socket.once("data", async () => {
        for (let at = 0; at < speech.length; at += cut) {
          if (!socket.write(speech.slice(at, at + cut), "latin1")) {
            await new Promise((resolve) => socket.once("drain", resolve));
          }
        }
      });
    });
    const h = new Harness(t);
    await h.up(port, 1, "pubsub");
    h.send(["SUBSCRIBE", "c"], true);
    const heard: string[] = [];
    while (heard.length < 3) heard.push((await h.next("message")).payload);
    assert.deepEqual(heard, ["a", "b", "a"]);
  });
}
