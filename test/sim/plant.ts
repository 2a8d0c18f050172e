import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutant-list.ts";

export const DIST = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** A copy of the compiled sources, of what tests share and of these tests, in a folder of its own below `place`. */
export function copyOf(name: string, place: string, parts: readonly string[]): string {
  const folder = join(DIST, place, name.replaceAll(" ", "-"));
  rmSync(folder, { recursive: true, force: true });
  for (const part of ["src", "test/support", ...parts]) {
    cpSync(join(DIST, part), join(folder, part), { recursive: true });
  }
  return folder;
}

/** Such a copy with one fault in it. */
export function plant(
  { name, file, from, to }: Mutant,
  place: string,
  parts: readonly string[],
): string {
  const folder = copyOf(name, place, parts);
  const path = join(folder, ...(file.startsWith("src/") ? [file] : ["src", "core", file]));
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  return folder;
}
