import assert from "node:assert/strict";
import { test } from "node:test";
import { prepare } from "./prepare.ts";
import { type Scenario, SMALL } from "./scenarios.ts";
import { type Outcome, Search } from "./search.ts";
import { Visited } from "./visited.ts";

// The exploration itself: that it comes to an end, always the same, and reaches what it is there for.
// That it finds faults is shown by `npm run explore -- --mutants`.

function scenario(word: string): Scenario {
  const found = SMALL.find(({ name }) => name.includes(word));
  assert.ok(found, `no scenario ${word}`);
  return found;
}

function explore(word: string, maxStates?: number): Outcome {
  const { world, start } = prepare(scenario(word));
  return new Search(world, start).run(maxStates);
}

test("a small bound is exhausted, with the same states each time", () => {
  const [one, two] = [explore("two masters"), explore("two masters")];
  assert.equal(one.found, null);
  assert.ok(one.isExhausted);
  assert.deepEqual(two, one);
  assert.ok(one.states > 1_000 && one.depth > 10);
});

test("an election, a promotion and its configuration are reached", () => {
  const { isExhausted, reached } = explore("one alone");
  assert.ok(isExhausted);
  for (const name of ["+vote-for-leader", "+elected-leader", "+promoted-slave", "+switch-master"]) {
    assert.ok(reached.includes(name), `${name} is never reached`);
  }
});

test("a C Sentinel leads, and follows one of ours", () => {
  const { found, situations } = explore("one and a C", 10_000);
  assert.equal(found, null);
  assert.ok(situations.includes("a C Sentinel leads"));
  assert.ok(situations.includes("a C Sentinel follows a hello of one of ours"));
});

test("two names of one server fail over together", () => {
  const { found, situations } = explore("of one server, and operators", 5_000);
  assert.equal(found, null);
  assert.ok(situations.includes("names for one server move together"));
});

test("a bound that is not exhausted is called so", () => {
  const { isExhausted, found } = explore("three stand", 500);
  assert.equal(isExhausted, false);
  assert.equal(found, null);
});

test("a state is new once", () => {
  const visited = new Visited();
  const stateOf = (number: number) => Int32Array.of(number, number % 7, 0, -number);
  for (let number = 0; number < 200_000; number++) assert.ok(visited.add(stateOf(number)));
  for (let number = 0; number < 200_000; number++) assert.ok(!visited.add(stateOf(number)));
  assert.equal(visited.count, 200_000);
});
