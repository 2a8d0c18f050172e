import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BrokenInvariant } from "../../src/core/broken-invariant.ts";
import { lastWords } from "../../src/runtime/process/die-of-bug.ts";

const DYING = {
  configPath: "/etc/sentinel.conf",
  startedAt: 1_000,
  log: { write: () => undefined },
};

describe("what a process says when it ends of a bug", () => {
  const broken = new BrokenInvariant("I4", "the config epoch of 'mymaster' fell from 3 to 2");
  broken.lastInputs = ["40 ms ago: tick", "0 ms ago: saving"];

  it("is the invariant, what became of the file, and the last inputs", () => {
    const [sentence = "", ...rest] = lastWords(broken, DYING, 100_000);
    assert.ok(
      sentence.startsWith(
        "BUG of the Sentinel, it exits: invariant I4: the config epoch of 'mymaster' fell from 3 to 2. Nothing of this step was said or saved, /etc/sentinel.conf stays as it was saved last, and a restart begins from it. Please report it with the lines that follow. BrokenInvariant: I4: ",
      ),
      sentence,
    );
    assert.deepEqual(rest, [
      "Before invariant I4 broke, 40 ms ago: tick",
      "Before invariant I4 broke, 0 ms ago: saving",
    ]);
  });

  it("is also what to do if it did not live for long, for then it may come back", () => {
    const words = lastWords(broken, DYING, 1_250);
    assert.equal(words.length, 4);
    assert.match(
      words[3] ?? "",
      /^This process lived for 250 ms only: .* a copy of \/etc\/sentinel\.conf/,
    );
  });

  it("is the stack alone when something else broke", () => {
    const words = lastWords(new TypeError("x is not a function"), DYING, 1_250);
    assert.equal(words.length, 1);
    assert.match(
      words[0] ?? "",
      /^This is a bug of the Sentinel, it exits: TypeError: x is not a function\n/,
    );
  });
});
