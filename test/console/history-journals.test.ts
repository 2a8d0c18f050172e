import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailoverRecord, Note } from "../../src/base/journal-entry.ts";
import type { Access } from "../../src/console/connect/access.ts";
import { Refusal } from "../../src/console/connect/errors.ts";
import { entryIn } from "../../src/console/history/journal-entry.ts";
import { readJournals } from "../../src/console/history/journals.ts";
import type { MasterPicture } from "../../src/quorum/picture.ts";

const PLACE = { host: "10.0.0.1", port: 6379 };
const NONE = { sdown: null, odown: null, tried: null, elected: null, selected: null };
const RECORD: FailoverRecord = {
  ...{ type: "failover", name: "m", kind: "down", result: "done", reason: null, ending: null },
  ...{ by: null, attempt: 1, epoch: "7", leader: "a", from: PLACE, to: PLACE, tookMs: 10 },
  phases: { ...NONE, promoted: 5, followed: null, switched: 10 },
  ...{ votes: [], votesNeeded: 2, candidates: [], lacked: null },
};
const NOTE: Note = {
  ...{
    type: "note",
    name: null,
    kind: "tilt",
    result: "began",
    text: "",
    lastedMs: null,
    by: null,
  },
};
const line = (id: number, at: number, more: object) => JSON.stringify({ id, at, ...more });

/** Sentinels at ports, and what each answers; an Error: that it refuses. */
function quorumOf(answers: Readonly<Record<number, readonly string[] | Error>>) {
  const witnesses = Object.keys(answers).map((port) => ({
    asked: { place: { host: "s", port: Number(port) } },
    id: `id-${port}`,
    program: { isOurs: true, text: "" },
  }));
  const masters = ["m", "n"].map((name) => ({ name, witnesses }) as unknown as MasterPicture);
  const sentinel = async ({ port }: { port: number }) => ({
    call: async ([, , name]: string[]) => {
      const answer = answers[port] ?? [];
      if (answer instanceof Error) throw answer;
      return answer.filter(
        (one) => one.includes('"name":null') || one.includes(`"name":"${name}"`),
      );
    },
    close: () => undefined,
  });
  return { access: { sentinel } as unknown as Access, masters };
}

test("one failover is one entry, told by who led it; what is of a whole Sentinel stays its own", async () => {
  const { access, masters } = quorumOf({
    1: [line(4, 1_000, RECORD), line(5, 2_000, NOTE)],
    2: [line(9, 990, { ...RECORD, kind: "followed" }), line(10, 2_000, NOTE)],
    3: new Refusal("NOPERM no permissions"),
  });
  const { entries, silent, heard } = await readJournals(access, masters, 0);
  assert.deepEqual(
    entries.map(({ id, seenBy }) => [id, ...seenBy]),
    [
      [4, "id-1", "id-2"],
      [5, "id-1"],
      [10, "id-2"],
    ],
  );
  assert.deepEqual([silent, heard], [["s:3: NOPERM no permissions"], 2]);
});

test("attempts of two Sentinels, and failovers of two epochs, are not one", async () => {
  const lost = { ...RECORD, result: "not-elected", to: null };
  const { access, masters } = quorumOf({
    1: [line(1, 1_000, lost), line(2, 5_000, RECORD)],
    2: [line(1, 1_001, lost), line(2, 5_000, { ...RECORD, kind: "followed", epoch: "8" })],
  });
  assert.equal((await readJournals(access, masters, 0)).entries.length, 4);
});

test("an order that each Sentinel got is one entry", async () => {
  const pause = { ...NOTE, name: "m", kind: "pause", text: "600 s" };
  const { access, masters } = quorumOf({
    1: [line(1, 1_000, pause)],
    2: [line(1, 1_300, pause), line(2, 900_000, pause)],
  });
  const { entries } = await readJournals(access, masters, 0);
  assert.deepEqual(
    entries.map(({ seenBy }) => seenBy.length),
    [2, 1],
  );
});

test("what is no entry is left out, whoever says it", () => {
  assert.deepEqual(entryIn(line(1, 2, RECORD)), { id: 1, at: 2, ...RECORD });
  assert.deepEqual(entryIn(line(1, 2, NOTE)), { id: 1, at: 2, ...NOTE });
  for (const wrong of [
    ...["", "null", "7", "[]", "{}", "{", line(1, 2, {}), line(1.5, 2, NOTE), line(1, 1e16, NOTE)],
    line(1, 2, { ...NOTE, text: 5 }),
    line(1, 2, { ...NOTE, by: "ops" }),
    line(1, 2, { ...RECORD, name: null }),
    line(1, 2, { ...RECORD, phases: {} }),
    line(1, 2, { ...RECORD, votes: [null] }),
    line(1, 2, { ...RECORD, to: { host: "a" } }),
    line(1, 2, { ...RECORD, lacked: { bytes: "many" } }),
    line(1, 2, { ...RECORD, candidates: {} }),
  ]) {
    assert.equal(entryIn(wrong), null, wrong);
  }
  assert.equal(entryIn(7), null);
});
