import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BrokenInvariant } from "../../src/core/broken-invariant.ts";
import { connectionId } from "../support/ids.ts";
import { PEER_ID } from "./harness.ts";
import { type Parts, watching } from "./parts.ts";

describe("the last inputs", () => {
  function inputsOf(parts: Parts): readonly string[] {
    parts.sentinel.isMadeUp = true;
    parts.master.configEpoch = 1n;
    try {
      parts.sentinel.step({ type: "saving" });
    } catch (error) {
      if (error instanceof BrokenInvariant) return error.lastInputs;
    }
    return [];
  }

  it("come along, the newest last, with their age", () => {
    const parts = watching();
    parts.sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "2", PEER_ID);
    parts.sentinel.now += 40;
    const lines = inputsOf(parts);
    assert.equal(lines.length, 32);
    assert.equal(lines.at(-1), "0 ms ago: saving");
    const question = `"SENTINEL" "is-master-down-by-addr" "127.0.0.1" "6379" "2" "${PEER_ID}"`;
    assert.match(
      lines.at(-2) ?? "",
      new RegExp(`^40 ms ago: command of client \\d+: ${question}$`),
    );
  });

  it("tell no password, and of nothing more than a line", () => {
    const parts = watching();
    const { sentinel } = parts;
    const secret = "hunter2";
    sentinel.ask("SENTINEL", "SET", "mymaster", "auth-pass", secret);
    sentinel.ask("SENTINEL", "set", "mymaster", "auth-user", secret, "quorum", "2");
    sentinel.ask("SENTINEL", "CONFIG", "SET", "sentinel-pass", secret);
    sentinel.ask("SENTINEL", "SETT", "mymaster", secret);
    sentinel.ask("PUBLISH", secret, "x");
    sentinel.ask("PUBLISH", "__sentinel__:hello", `a\nb${"x".repeat(10_000)}`);
    sentinel.step({ type: "linkDown", connection: connectionId(-1), reason: "reset\r\n# fake" });
    const text = inputsOf(parts).join("\n");
    assert.match(text, /: "SENTINEL" "SET" \(3 words not shown\)\n/);
    const words = text.split("\n");
    assert.ok(
      words.every((line) => line.length < 500 && / ms ago: /.test(line)),
      text,
    );
    assert.equal(text.includes(secret), false, text);
  });
});
