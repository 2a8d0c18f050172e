import assert from "node:assert/strict";
import { test } from "node:test";
import { RudeServer } from "./links.ts";
import { caseSeed, runCase, TARGETS } from "./targets.ts";

// A taste of `npm run fuzz` with another seed each time; a failure names its case.

const batches = 4;

for (const target of TARGETS) {
  test(`fuzz: ${target.name}`, async (t) => {
    const server = new RudeServer();
    await server.listen();
    t.after(() => server.close());
    const seed = Date.now() % 2 ** 32;
    for (let i = 0; i < batches * target.batch; i++) {
      await assert.doesNotReject(runCase(target, caseSeed(seed, i), server));
    }
  });
}
