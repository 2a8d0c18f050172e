import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { manifestOf } from "./source.ts";
import { copy, copyFolder, put } from "./tree.ts";

/** A package whose code is in the bundle. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Its own text. */
  readonly notice: string;
}

/** CommonJS in ES modules calls `require`, for what is Node's own. */
const REQUIRE =
  'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';

/**
 * One folder that needs nothing but Node: launchers, and the program with its dependencies in a few files. What
 * the sources import only when it is needed stays in files of its own, so a start reads no more than before.
 */
export async function makeBundle(stage: string, bundle: string): Promise<readonly Bundled[]> {
  const { metafile } = await build({
    absWorkingDir: stage,
    entryPoints: ["dist/src/main.js"],
    outdir: join(bundle, "dist", "src"),
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    // Names of files below the stage, wherever that and node_modules are, so that they are the same.
    preserveSymlinks: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    // The stacks of a report name the functions of the sources.
    keepNames: false,
    minify: false,
    legalComments: "none",
    banner: { js: REQUIRE },
    plugins: [plainRequires],
    metafile: true,
    logLevel: "error",
  });
  const bundled = packagesOf(stage, Object.keys(metafile.inputs));
  const { name, version, description, license, engines } = manifestOf(stage);
  // By its own name the program finds its version; see src/runtime/version.ts.
  const exports = { "./package.json": "./package.json" };
  const manifest = { name, version, description, license, type: "module", engines, exports };
  put(bundle, "package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  put(bundle, "THIRD-PARTY-NOTICES", noticesOf(bundled));
  for (const file of ["LICENSE", "README.md"]) copy(join(stage, file), bundle, file);
  for (const folder of ["bin", "conf"]) copyFolder(join(stage, folder), bundle, folder);
  copyFolder(join(stage, "dist", "share"), bundle, "share");
  return bundled;
}

/** `createRequire(import.meta.url)("x")` as `require("x")`, which esbuild follows. */
const plainRequires: Plugin = {
  name: "plain-requires",
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/src\/.*\.js$/ }, ({ path }) => ({
      contents: withPlainRequires(readFileSync(path, "utf8")),
      loader: "js",
    }));
  },
};

const KEPT_REQUIRE = /^const (\w+) = createRequire\(import\.meta\.url\);$/m;

function withPlainRequires(text: string): string {
  const direct = text.replaceAll('createRequire(import.meta.url)("', 'require("');
  const [, name] = KEPT_REQUIRE.exec(direct) ?? [];
  if (name === undefined) return direct;
  return direct.replace(KEPT_REQUIRE, "").replaceAll(`${name}("`, 'require("');
}

function packagesOf(stage: string, inputs: readonly string[]): readonly Bundled[] {
  const names = inputs.flatMap((input) => {
    const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    return name ?? [];
  });
  return [...new Set(names)].sort().map((name) => {
    const folder = join(stage, "node_modules", name);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} comes without the text of its licence`);
    const { version, license } = manifestOf(folder);
    return { name, version, license, notice: readFileSync(join(folder, file), "utf8").trim() };
  });
}

function noticesOf(bundled: readonly Bundled[]): string {
  const head = "The files below dist/ contain these packages, each under its own licence.\n";
  const parts = bundled.map(
    ({ name, version, license, notice }) =>
      `${"-".repeat(78)}\n${name} ${version} (${license})\n\n${notice.replaceAll("\r", "")}\n`,
  );
  return [head, ...parts].join("\n");
}
