import assert from "node:assert/strict";
import { Socket } from "node:net";
import { test } from "node:test";
import { array, bulk } from "../../src/base/reply.ts";
import { DirectSocket, directSocket } from "../../src/server/direct-socket.ts";
import { request, start } from "./harness.ts";

test("a request in pieces is not touched by what others say meanwhile", async (t) => {
  const { connect } = await start(t);
  const [slow, quick] = [await connect(), await connect()];
  const text = request(["PING", "in pieces"]);
  for (let at = 0; at < text.length; at += 5) {
    slow.raw(text.slice(at, at + 5));
    assert.equal(await quick.ask("PING", "x".repeat(200)), `"${"x".repeat(200)}"`);
  }
  assert.equal(await slow.reply(), '"in pieces"');
});

test("a connection without a handle stays as it is", () => {
  const socket = new Socket();
  assert.equal(directSocket(socket), socket);
  assert.ok(!(socket instanceof DirectSocket));
});

test("the address of a master is told without a step of the core, if it may be told", async (t) => {
  const { connect, host } = await start(t);
  const client = await connect();
  const question = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"] as const;
  assert.equal(await client.ask(...question), "+FORWARDED");
  assert.deepEqual(host.executed, [[1, ["sentinel", "get-master-addr-by-name", "mymaster"]]]);
  host.masterAddress = (name) => array([bulk(name), bulk("6379")]);
  assert.equal(await client.ask(...question), '["mymaster", "6379"]');
  assert.equal(host.executed.length, 1);
});
