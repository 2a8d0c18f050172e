import assert from "node:assert/strict";
import { test } from "node:test";
import { wrongVotes } from "./votes.ts";

const alice = "a".repeat(40);
const bob = "b".repeat(40);

function vote(candidate: string, epoch: number): string {
  return `12:X 21 Nov 2026 03:00:00.000 # +vote-for-leader ${candidate} ${epoch}`;
}

test("one vote in each epoch is right", () => {
  assert.deepEqual(wrongVotes([vote(alice, 1), "# +new-epoch 2", vote(bob, 2)], 1), []);
});

test("a second vote in an epoch is found, for another or for the same", () => {
  assert.deepEqual(wrongVotes([vote(alice, 1), vote(bob, 2), vote(bob, 1)], 1), [
    `epoch 1: voted for ${alice} and ${bob}`,
  ]);
  assert.equal(wrongVotes([vote(alice, 3), vote(alice, 3)], 1).length, 1);
});

test("two masters may use one epoch each", () => {
  assert.deepEqual(wrongVotes([vote(alice, 1), vote(bob, 1)], 2), []);
  assert.equal(wrongVotes([vote(alice, 1), vote(bob, 1), vote(bob, 1)], 2).length, 1);
});
