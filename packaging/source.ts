import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { writePage } from "./page.ts";
import { ROOT, run } from "./run.ts";
import { writeShare } from "./share.ts";
import { copy } from "./tree.ts";

/** The time that all files of all artefacts have, in seconds: that of the last commit. */
export function sourceDate(): number {
  const given = process.env.SOURCE_DATE_EPOCH ?? run(["git", "log", "-1", "--format=%ct"]);
  const seconds = Number(given);
  if (Number.isSafeInteger(seconds) && seconds > 0) return seconds;
  throw new Error(`SOURCE_DATE_EPOCH '${given}' is no time in seconds`);
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: { readonly node: string };
  readonly files: readonly string[];
}

/** package.json */
export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/**
 * What is published, in a folder of its own: the files that git knows, and the sources compiled anew. So
 * nothing gets in that lies about in a work tree, or that an earlier build left behind.
 */
export async function stageSource(stage: string): Promise<void> {
  const published = [...manifestOf(ROOT).files.filter((path) => !path.startsWith("dist")), "src"];
  const always = ["package.json", "README.md", "LICENSE", "tsconfig.json", "packaging"];
  for (const path of run(["git", "ls-files", "-z", ...published, ...always]).split("\0")) {
    if (path !== "" && existsSync(join(ROOT, path))) copy(join(ROOT, path), stage, path);
  }
  symlinkSync(join(ROOT, "node_modules"), join(stage, "node_modules"));
  run([join(ROOT, "node_modules", ".bin", "tsc")], { cwd: stage });
  writeShare(stage, new Date(sourceDate() * 1000));
  await writePage(stage);
}
