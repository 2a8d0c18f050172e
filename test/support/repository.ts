import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository; paths below are relative to it. */
export const root = fileURLToPath(import.meta.url).split(`${sep}dist${sep}`)[0] ?? "";

/** The files of these folders whose names end so. Of the top folder, `.`, only the files in it. */
export function filesOf(folders: readonly string[], end: string): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== ".", encoding: "utf8" })
      .filter((name) => name.endsWith(end))
      .map((name) => join(folder, name)),
  );
}

export function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
