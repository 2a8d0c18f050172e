import assert from "node:assert/strict";
import { read } from "../support/repository.ts";

/** The commands that a page gives under a heading: its first block, as somebody would copy it. */
export function recipe(page: string, heading: string): string {
  const [, section = ""] = read(page).split(new RegExp(`^#+ ${heading}$`, "m"));
  const [, block] = /^```\n([\s\S]*?)^```$/m.exec(section) ?? [];
  assert.ok(block, `${page} has no commands under '${heading}'`);
  return block;
}
