import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { STANDARD_COMMANDS } from "../../src/server/commands/standard.ts";
import { allCommands } from "../../src/server/commands/table.ts";
import { request, start } from "./harness.ts";

/** Commands that answer nothing, several times, or stop the connection from being asked again. */
const UNFIT = ["shutdown", "client|reply", "client|pause", "client|kill", "client|unpause"];
const NAMES = allCommands(STANDARD_COMMANDS)
  .map((spec) => spec.fullName)
  .filter((name) => !UNFIT.includes(name) && !name.endsWith("subscribe"));

const OPTIONS =
  "on off nopass >a <a #0 +@all -@all +ping -@admin ~* ~a %R~b &* &+* (+ping (+info) reset ID TYPE normal ADDR USER default SKIPME no yes AUTH SETNAME 2 3 0 -1 99999999999999999999 FILTERBY ACLCAT PATTERN * GET SET TRACKING BCAST OPTIN PREFIX REDIRECT LIB-NAME u1 u2 RESET __proto__ constructor toString";
const word = fc.oneof(
  fc.constantFrom(...OPTIONS.split(" ")),
  fc.constantFrom(...NAMES.flatMap((name) => [name, ...name.split("|")])),
  fc.string({ maxLength: 8, unit: "binary-ascii" }),
);
const command = fc
  .tuple(fc.constantFrom(...NAMES), fc.array(word, { maxLength: 6 }))
  .map(([name, words]) => [...name.split("|"), ...words]);

test("law: any command with any words gets exactly one answer, and the server lives on", async (t) => {
  const { connect, host } = await start(t);
  host.onExecute = (client) => host.server?.reply(client, { type: "nil" });
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 20 }), async (commands) => {
      const client = await connect();
      client.raw([...commands, ["PING", "end"]].map(request).join(""));
      for (const words of commands) assert.notEqual(await client.reply(), "", words.join(" "));
      const last = await client.reply();
      // A fuzzed ACL SETUSER may have forbidden PING to everybody.
      assert.match(last, /^("end"|-NOPERM |-NOAUTH )/);
      client.socket.destroy();
    }),
    { numRuns: 200 },
  );
});
