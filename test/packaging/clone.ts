import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run } from "../../packaging/run.ts";
import { copy } from "../../packaging/tree.ts";

/** A clone in which nothing was built yet, with the dependencies that are here. */
export function cloneTo(folder: string): void {
  run(["git", "clone", "--quiet", ROOT, folder]);
  // What is not committed yet is tried as well.
  const listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  for (const path of listed.split("\0").filter(Boolean)) {
    copy(join(ROOT, path), folder, path);
  }
  run(["git", "add", "--all"], { cwd: folder });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
}
