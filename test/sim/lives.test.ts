import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { live } from "./life.ts";
import type { LifePlan } from "./plan.ts";

/** A shrunk life that once failed, in our core or in a mutant of it. */
interface KeptLife extends LifePlan {
  readonly shows: string;
}

const root = fileURLToPath(import.meta.url).split(`${sep}dist${sep}`)[0] ?? "";
const folder = join(root, "test", "sim", "lives");
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("lives that once failed", () => {
  for (const file of files) {
    const kept: KeptLife = JSON.parse(readFileSync(join(folder, file), "utf8"));
    it(`${kept.shows} (seed ${kept.options.seed})`, () => {
      assert.ok(live(kept).simulatedMs > 0);
    });
  }
});
