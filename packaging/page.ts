import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { put } from "./tree.ts";

/** What `src/http/page-files.d.ts` promises. */
const FILE = "dist/src/http/page-files.js";

/**
 * The page that a Sentinel shows, as a module with its files as texts: so it comes along wherever the program does,
 * and nobody has to look for it on a disk.
 */
export async function writePage(folder: string): Promise<void> {
  const page = join(folder, "src", "page");
  const read = (name: string): string => readFileSync(join(page, name), "utf8");
  const files = {
    html: read("page.html"),
    css: await small(page, "page.css"),
    script: await small(page, join("browser", "main.ts")),
    icon: read("icon.svg"),
  };
  put(folder, FILE, `export const PAGE_FILES = ${JSON.stringify(files)};\n`);
}

/** One file with all that it imports, without blanks and comments. */
async function small(page: string, entry: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: page,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    // Browsers of the last two years and a half.
    target: ["chrome115", "firefox115", "safari16.4"],
    // Of compiling for Node: what is in it does not concern the browser.
    tsconfigRaw: "{}",
    write: false,
    logLevel: "error",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`nothing was made of ${entry}`);
  return file.text;
}
