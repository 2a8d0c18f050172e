import { readdirSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, textOf } from "../../base/bytes.ts";
import { globMatches } from "../../base/glob.ts";

/** The paths that match, sorted, as glob(3) finds them for `include`; byte strings. */
export function globFiles(pattern: string): string[] {
  let found = [pattern.startsWith("/") ? "/" : ""];
  for (const segment of pattern.split("/").filter((part) => part !== "")) {
    found = found.flatMap((folder) => expand(folder, segment));
  }
  return found.sort();
}

function expand(folder: string, segment: string): string[] {
  const matches = namesIn(folder === "" ? "." : folder, segment);
  return matches.map((name) => (folder === "" ? name : join(folder, name)));
}

/** A name that begins with a dot is only found by a pattern that does. */
function namesIn(folder: string, segment: string): string[] {
  if (segment === "." || segment === "..") return [segment];
  const names = listing(textOf(folder)).map(bytesOf);
  return names.filter(
    (name) => (segment.startsWith(".") || !name.startsWith(".")) && globMatches(segment, name),
  );
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
