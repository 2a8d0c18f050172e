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
export function plant(mutant: Mutant, place: string, parts: readonly string[]): string {
  const { name, file, from, to } = mutant;
  const folder = copyOf(name, place, parts);
  if (!standsOnce(mutant, folder)) throw new Error(`${file} does not have once: ${from}`);
  const path = pathOf(mutant, folder);
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace(from, () => to),
  );
  return folder;
}

/** Whether the text that a fault changes is there, and at one place only. */
export function standsOnce(mutant: Mutant, folder: string): boolean {
  return readFileSync(pathOf(mutant, folder), "utf8").split(mutant.from).length === 2;
}

function pathOf({ file }: Mutant, folder: string): string {
  return join(folder, ...(file.startsWith("src/") ? [file] : ["src", "core", file]));
}
