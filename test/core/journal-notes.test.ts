import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Note } from "../../src/base/journal-entry.ts";
import type { ClientId } from "../../src/core/input.ts";
import { MASTER_NAME, SimCluster } from "../sim/cluster.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";
import { LoneSentinel } from "./harness.ts";

const BY = { address: "10.0.0.9:51312", user: "ops" };

function settled(): { cluster: SimCluster; one: SimSentinel } {
  const cluster = new SimCluster({});
  cluster.settle();
  const [one] = cluster.sentinels;
  assert.ok(one);
  return { cluster, one };
}

function order(sentinel: SimSentinel, ...args: string[]): void {
  sentinel.step({ type: "command", client: 99 as ClientId, args, by: BY });
}

function notes({ journal }: SimSentinel): Note[] {
  return journal.filter((one): one is Note => one.type === "note");
}

/** What each says, in short. */
function told(sentinel: SimSentinel): string[] {
  return notes(sentinel).map(({ kind, result, name, text }) =>
    [kind, result, name ?? "-", text].join(" "),
  );
}

describe("the journal of other incidents [JOURNAL-FILE]", () => {
  it("a pause, who asked for it and why, and its end", () => {
    const { cluster, one } = settled();
    order(one, "SENTINEL", "PAUSE", MASTER_NAME, "600", "new", "kernel");
    cluster.clock.advance(5_000);
    order(one, "SENTINEL", "RESUME", MASTER_NAME);
    assert.deepEqual(told(one), [
      "pause began mymaster 600 s: new kernel",
      "pause ended mymaster resumed on request",
    ]);
    assert.deepEqual(
      notes(one).map(({ by, lastedMs }) => [by, lastedMs]),
      [
        [BY, null],
        [BY, 5_000],
      ],
    );
  });

  it("what was forgotten, and a name of data that was adopted", () => {
    const { cluster, one } = settled();
    const { host } = cluster.server(2);
    cluster.network.kill(cluster.server(2));
    order(one, "SENTINEL", "FORGET", MASTER_NAME, "REPLICA", host, "6379", "FORCE");
    order(one, "SENTINEL", "HISTORY-ID", MASTER_NAME, "ADOPT", "a".repeat(40));
    cluster.clock.advance(1);
    assert.deepEqual(told(one), [
      `forget done mymaster slave ${host}:6379 ${host} 6379 @ mymaster 10.0.0.1 6379: forgotten on request`,
      `adopt done mymaster ${"a".repeat(40)}`,
    ]);
    assert.deepEqual(notes(one).at(-1)?.by, BY);
  });

  it("a TILT, however often it stood still, and how long it lasted", () => {
    const { cluster, one } = settled();
    for (let times = 0; times < 2; times++) {
      one.isStopped = true;
      cluster.clock.advance(4_000);
      one.isStopped = false;
      cluster.clock.advance(1_000);
    }
    cluster.clock.advance(40_000);
    assert.deepEqual(
      notes(one).map(({ kind, result, name }) => `${kind} ${result} ${name}`),
      ["tilt began null", "tilt ended null"],
    );
    assert.ok((notes(one)[1]?.lastedMs ?? 0) > 30_000);
  });

  it("a file that could not be written, once, and that it can be again", () => {
    const { cluster, one } = settled();
    one.disk.isFull = true;
    order(one, "SENTINEL", "FLUSHCONFIG");
    cluster.clock.advance(20_000);
    one.disk.isFull = false;
    cluster.clock.advance(20_000);
    assert.deepEqual(
      notes(one).map(({ kind, result }) => `${kind} ${result}`),
      ["save began", "save ended"],
    );
    assert.match(notes(one)[0]?.text ?? "", /No space left/);
    assert.ok((notes(one)[1]?.lastedMs ?? 0) >= 20_000);
  });

  it("nothing of a start, and nothing while all is well", () => {
    const { cluster, one } = settled();
    cluster.clock.advance(60_000);
    assert.deepEqual(one.journal, []);
  });

  it("leaves a Sentinel without a journal as it is", () => {
    const lone = new LoneSentinel();
    assert.equal(lone.ask("SENTINEL", "PAUSE", MASTER_NAME, "600")?.type, "array");
    assert.ok(lone.events.some((event) => event.startsWith("+pause ")));
    assert.ok(!lone.effects.some(({ type }) => type === "journal"));
  });
});
