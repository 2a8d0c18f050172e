import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { read, root } from "../support/repository.ts";

const run = promisify(execFile);

test("the example of docs/library.md prints what the page says", async (t) => {
  const page = read("docs/library.md");
  const code = blockOf(page, "js");
  // Within the package, so that its name means these files.
  const folder = mkdtempSync(join(root, "dist", "example-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "example.mjs");
  writeFileSync(file, code);
  const { stdout } = await run(process.execPath, [file]);
  assert.equal(stdout, blockOf(page, "text"));
});

function blockOf(page: string, language: string): string {
  const [, text] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(page) ?? [];
  return text ?? assert.fail(`no block of ${language}`);
}
