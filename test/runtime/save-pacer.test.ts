import assert from "node:assert/strict";
import { test } from "node:test";
import { SavePacer } from "../../src/runtime/file/save-pacer.ts";

/** A clock that the test moves, and what was asked of it. */
function paced(): { pacer: SavePacer; asked: string[]; spend: (ms: number) => void } {
  const asked: string[] = [];
  let now = 1_000;
  const pacer = new SavePacer({
    now: () => now,
    after: (delayMs, callback) => {
      asked.push(`after ${delayMs}`);
      callback();
    },
    afterInput: (callback) => {
      asked.push("after input");
      callback();
    },
  });
  const spend = (ms: number) => {
    now += ms;
  };
  return { pacer, asked, spend };
}

test("the first save is made as soon as the input is read", () => {
  const { pacer, asked } = paced();
  pacer.schedule(() => asked.push("save"));
  assert.deepEqual(asked, ["after input", "save"]);
});

test("the next one comes when the last one is twice as long ago as it took", () => {
  const { pacer, asked, spend } = paced();
  assert.equal(
    pacer.measure(() => {
      spend(12);
      return "saved";
    }),
    "saved",
  );
  spend(5);
  pacer.schedule(() => asked.push("save"));
  assert.deepEqual(asked, ["after 19", "after input", "save"]);
});

test("one that took long puts the next one off by 50 ms at most", () => {
  const { pacer, asked, spend } = paced();
  pacer.measure(() => spend(3_000));
  pacer.schedule(() => asked.push("save"));
  assert.deepEqual(asked, ["after 50", "after input", "save"]);
});

test("after a pause nothing is put off", () => {
  const { pacer, asked, spend } = paced();
  pacer.measure(() => spend(12));
  spend(24);
  pacer.schedule(() => asked.push("save"));
  assert.deepEqual(asked, ["after input", "save"]);
});
