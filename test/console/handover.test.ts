import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "../../src/console/command.ts";
import { handover } from "../../src/console/commands/handover.ts";
import { NoAnswer, Refusal } from "../../src/console/connect/errors.ts";
import { Output, type Terminal } from "../../src/console/output.ts";
import type { Answer } from "../../src/quorum/answer.ts";

// Between two attempts of a handover the Sentinels may be silent for a moment: it goes on while there is time.

const SENTINEL = { host: "10.0.1.1", port: 26379 };

/** The only Sentinel, one of ours: it refuses the first order, is silent, and then names another master. */
class FakeSentinel {
  silences = 1;
  #isRefused = false;

  /** @throws NoAnswer */
  async dial() {
    if (this.#isRefused && this.silences-- > 0) throw new NoAnswer("no answer in time");
    const call = async (words: readonly string[]) => this.#answer(words);
    return { call, close: () => undefined, closed: new Promise(() => undefined) };
  }

  #answer([verb, sub]: readonly string[]): Answer {
    const host = this.#isRefused ? "10.0.0.2" : "10.0.0.1";
    if (verb === "INFO") return "redis_version:7.4.11\r\nredis_sentinel_ts_version:0.1.0\r\n";
    if (sub === "MYID") return "a".repeat(40);
    if (sub === "MASTERS") return [["name", "m", "ip", host, "port", "6379", "flags", "master"]];
    if (sub !== "FAILOVER") return [];
    this.#isRefused = true;
    throw new Refusal("NOGOODSLAVE No suitable replica to promote");
  }
}

test("a handover goes on after a moment in which no Sentinel answers", async () => {
  const sentinel = new FakeSentinel();
  const told: string[] = [];
  const stream = { write: (text: string) => told.push(text) > 0 };
  const terminal = { stdout: stream, stderr: stream, env: {} } as unknown as Terminal;
  const call = {
    words: [],
    options: { server: "10.0.0.1:6379", timeout: "60s" },
    output: new Output(terminal, true),
    interrupted: new AbortController().signal,
    access: {
      ...{ places: [SENTINEL], timeoutMs: 1_000, asksServers: false, conf: null },
      sentinel: () => sentinel.dial(),
      server: async () => {
        throw new NoAnswer("no answer in time");
      },
    },
  } as unknown as Call;
  assert.equal(await handover.run(call), 0, told.join(""));
  assert.equal(sentinel.silences, -1, "it was silent in between");
  assert.match(told.join(""), /NOGOODSLAVE.*; once more\nm: the master is 10\.0\.0\.2:6379\n$/);
});
