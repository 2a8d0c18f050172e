import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Bundled, makeBundle } from "./bundle.ts";
import { makeDeb } from "./deb.ts";
import { ROOT, run } from "./run.ts";
import { billOfMaterials } from "./sbom.ts";
import { manifestOf, sourceDate, stageSource } from "./source.ts";
import { archive, copy, copyFolder, settle } from "./tree.ts";

// `npm run package [-- FOLDER]`: everything that can be installed, in `out` or in FOLDER. The same sources
// give the same bytes, wherever and whenever that is.

const out = resolve(process.argv[2] ?? join(ROOT, "out"));
await main();

async function main(): Promise<void> {
  // npm packs files with the modes that they have.
  process.umask(0o022);
  const seconds = sourceDate();
  const work = join(out, "work");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const stage = join(work, "stage");
  await stageSource(stage);
  const { name, version } = manifestOf(stage);
  const full = `${name}-${version}`;
  run(["npm", "pack", "--ignore-scripts", "--pack-destination", out], { cwd: stage });
  const bundle = join(out, full);
  const bundled = await makeBundle(stage, bundle);
  settle(bundle, seconds);
  archive(out, full, join(out, `${full}-bundle.tar.gz`), seconds);
  makeImage(stage, bundle, seconds);
  archive(out, "image", join(out, `${full}-image.tar.gz`), seconds);
  makeDeb({ stage, bundle, bundled, work, out, seconds });
  writeFileSync(join(out, `${full}.cdx.json`), billOfMaterials(stage, seconds));
  rmSync(work, { recursive: true });
  writeSums();
  report(bundled);
}

/** What `docker build` is given. */
function makeImage(stage: string, bundle: string, seconds: number): void {
  const image = join(out, "image");
  copy(join(stage, "packaging", "Dockerfile"), image, "Dockerfile");
  copyFolder(bundle, image, "redis-sentinel-ts");
  copy(join(stage, "conf", "sentinel.conf"), image, "data/sentinel.conf");
  settle(image, seconds);
}

function artefacts(): readonly string[] {
  return readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "SHA256SUMS")
    .map(({ name }) => name)
    .sort();
}

/** For `sha256sum --check`. */
function writeSums(): void {
  const lines = artefacts().map((name) => {
    const sum = createHash("sha256")
      .update(readFileSync(join(out, name)))
      .digest("hex");
    return `${sum}  ${name}\n`;
  });
  writeFileSync(join(out, "SHA256SUMS"), lines.join(""));
}

function report(bundled: readonly Bundled[]): void {
  for (const name of artefacts()) {
    const kib = Math.ceil(readFileSync(join(out, name)).length / 1024);
    process.stdout.write(`${name}  ${kib} KiB\n`);
  }
  process.stdout.write(`${bundled.length} packages are in the bundle; all is in ${out}\n`);
}
