import { join } from "node:path";
import { run } from "../../packaging/run.ts";
import type { Scene } from "../support/scene.ts";

/** The oldest release whose Node is new enough. */
const RELEASE = "trixie";

/** A Debian of its own, with these packages; the folder of it. */
export function debian(scene: Scene, packages: readonly string[]): string {
  const tree = join(scene.folder, "debian");
  const options = ["--quiet", "--variant=minbase", `--include=${packages.join(",")}`];
  const less = ['--aptopt=Acquire::Languages "none"', "--dpkgopt=path-exclude=/usr/share/doc/*"];
  run(["mmdebstrap", ...options, ...less, RELEASE, tree]);
  return tree;
}
