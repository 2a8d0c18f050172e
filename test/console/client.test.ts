import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../src/console/connect/client.ts";
import { WordServer } from "../support/word-server.ts";

// What the console makes of answers to its password, and of no answer.

const identity = { user: "ops", password: "hidden" };

async function attempt(answer: string): Promise<string> {
  const server = await WordServer.listen(() => answer);
  try {
    const place = { host: "127.0.0.1", port: server.port };
    const client = await Client.open(place, { identity, tls: null, timeoutMs: 10_000 });
    client.close();
    return "open";
  } catch (error) {
    return String(error);
  } finally {
    server.close();
  }
}

test("a password is not told on, whatever answers to it", async () => {
  const echo = "-ERR unknown command 'auth', with args beginning with: 'ops' 'hidden'\r\n";
  assert.equal(await attempt(echo), "Refusal: it refuses AUTH");
  const wrong = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
  assert.match(await attempt(wrong), /^Refusal: WRONGPASS invalid/);
  assert.equal(
    await attempt("HTTP/1.1 400 Bad Request\r\n"),
    "NoAnswer: it does not speak the protocol of Redis",
  );
});

test("one that wants no password is let be", async () => {
  assert.equal(await attempt("+OK\r\n"), "open");
  assert.equal(
    await attempt(
      "-ERR AUTH <password> called without any password configured for the default user.\r\n",
    ),
    "open",
  );
  assert.equal(await attempt("-ERR Client sent AUTH, but no password is set\r\n"), "open");
});
