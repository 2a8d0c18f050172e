import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "./harness.ts";

test("a client is served", async (t) => {
  const { connect, host, server } = await start(t);
  const client = await connect();
  assert.equal(await client.ask("PING"), "+PONG");
  assert.equal(await client.ask("SENTINEL", "masters"), "[]");
  assert.deepEqual(host.executed, [[1, ["SENTINEL", "masters"]]]);
  assert.equal(await client.ask("SUBSCRIBE", "+sdown"), '["subscribe", "+sdown", :1]');
  server.publish("+sdown", "master m 127.0.0.1 1");
  assert.equal(await client.reply(), '["message", "+sdown", "master m 127.0.0.1 1"]');
});
