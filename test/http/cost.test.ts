import assert from "node:assert/strict";
import { test } from "node:test";
import { Counts } from "../../src/http/counts.ts";
import { History } from "../../src/http/history.ts";
import type { Answer, HttpHost } from "../../src/http/host.ts";
import { Metrics } from "../../src/http/metrics.ts";
import { Status } from "../../src/http/status.ts";
import { View } from "../../src/view/view.ts";
import { cpuClock } from "../support/cpu-clock.ts";
import { settledState } from "../view/many-masters.ts";

const VERSIONS = { redis: "7.4.0", own: "1.2.3" };

function hostOf(masters: number): HttpHost & { clock: number } {
  const view = new View(settledState(masters), VERSIONS);
  const host = {
    clock: 100,
    view: () => view,
    now: () => host.clock,
    wallNow: () => 1_700_000_000_000,
    hooks: () => [],
    certificateEndsAt: () => null,
    history: () => null,
    explain: () => null,
    log: () => undefined,
    fault: () => undefined,
  };
  return host;
}

const cpuMillis = cpuClock();

/** Turns of the loop while `work` is under way, each with the processor time that it took. */
async function turnsOf(work: () => Promise<unknown>): Promise<readonly number[]> {
  const turns: number[] = [];
  let isDone = false;
  const done = work().then(() => {
    isDone = true;
  });
  let last = cpuMillis();
  while (!isDone) {
    await new Promise(setImmediate);
    const now = cpuMillis();
    turns.push(now - last);
    last = now;
  }
  await done;
  return turns;
}

test("what a thousand masters cost, turn by turn", async () => {
  const host = hostOf(1_000);
  const metrics = new Metrics(host, new Counts(host));
  const status = new Status(host);
  for (const [what, work] of [
    ["metrics", () => metrics.answer()],
    ["status", () => status.all()],
  ] as const) {
    let best = Number.POSITIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 20; run++) {
      host.clock += 1_000;
      const turns = await turnsOf(work);
      best = Math.min(best, Math.max(...turns));
      least = Math.min(
        least,
        turns.reduce((sum, one) => sum + one, 0),
      );
    }
    const size = sizeOf(await work());
    console.log(
      `${what} of 1,000 masters: longest turn ${best.toFixed(2)} ms, all ${least.toFixed(1)} ms, ${size} bytes`,
    );
    assert.ok(best < 5, `${best} ms`);
  }
});

/** As many entries as a journal keeps, and as large; the names have bytes beyond ASCII. */
function fullJournal(): readonly string[] {
  const name = Buffer.from("müster").toString("latin1");
  const candidates = Array.from({ length: 36 }, (_, at) => {
    const reason = "disconnected from its master for longer than it may be";
    return { host: "10.0.0.1", port: at, verdict: "unfit", reason };
  });
  const entry = { type: "failover", name, kind: "down", result: "done", candidates };
  return Array.from({ length: 1_000 }, (_, id) => JSON.stringify({ id, at: id, ...entry }));
}

test("what a full journal costs, turn by turn, however many ask for it", async () => {
  const lines = fullJournal();
  const host = { ...hostOf(0), history: () => Promise.resolve(lines) };
  const history = new History(host);
  const query = new URLSearchParams({ count: "1000" });
  for (const readers of [1, 8]) {
    let best = Number.POSITIVE_INFINITY;
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 20; run++) {
      const all = Array.from({ length: readers }, () => 0);
      const turns = await turnsOf(() => Promise.all(all.map(() => history.answer(query))));
      best = Math.min(best, Math.max(...turns));
      least = Math.min(
        least,
        turns.reduce((sum, one) => sum + one, 0),
      );
    }
    const size = sizeOf(await history.answer(query));
    console.log(
      `history for ${readers}: longest turn ${best.toFixed(2)} ms, all ${least.toFixed(1)} ms, ${size} bytes`,
    );
    assert.ok(best < 5, `${best} ms`);
  }
});

function sizeOf(answer: Answer | null): number {
  const body = answer?.body ?? "";
  return typeof body === "string" ? body.length : Buffer.concat(body).length;
}
