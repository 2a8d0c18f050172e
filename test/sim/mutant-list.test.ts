import assert from "node:assert/strict";
import { test } from "node:test";
import { explorersMutants } from "../explore/mutant-list.ts";
import { MUTANTS } from "./mutant-list.ts";
import { DIST, standsOnce } from "./plant.ts";

test("each known fault still has the text that it changes, once", () => {
  const lost = [...MUTANTS, ...explorersMutants()].filter((mutant) => !standsOnce(mutant, DIST));
  assert.deepEqual(
    lost.map(({ name, file, from }) => `${name}: ${file} does not have once: ${from}`),
    [],
  );
});
