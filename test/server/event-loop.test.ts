import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { EventLoopFigures } from "../../src/server/event-loop.ts";

test("ticks that come sooner than a sample is due do not ask Node about its loop", (context) => {
  const asked = context.mock.method(performance, "eventLoopUtilization");
  const figures = new EventLoopFigures(0);
  const before = asked.mock.callCount();
  for (let now = 10; now < 1_000; now += 10) figures.sample(now);
  assert.equal(asked.mock.callCount() - before, 9);
});
