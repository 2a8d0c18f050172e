import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

// House rules that neither the compiler nor the linter checks.

const root = fileURLToPath(import.meta.url).split(`${sep}dist${sep}`)[0] ?? "";

type Layer =
  | "base"
  | "acl"
  | "explain"
  | "page"
  | "view"
  | "quorum"
  | "console"
  | "net"
  | "http"
  | "core"
  | "config"
  | "resp"
  | "server"
  | "runtime"
  | "main"
  | "usage"
  | "library"
  | "index";

interface LayerRule {
  /** Layers that it may import, itself included. */
  readonly layers: readonly Layer[];
  /** Packages and node: modules that it may import. */
  readonly modules: RegExp;
}

const nothing = /^$/;

const rules: Readonly<Record<Layer, LayerRule>> = {
  base: { layers: ["base"], modules: /^node:util$/ },
  core: { layers: ["core", "base"], modules: nothing },
  explain: { layers: ["explain", "base"], modules: nothing },
  page: { layers: ["page", "explain", "view", "base"], modules: nothing },
  acl: { layers: ["acl", "core", "base"], modules: /^node:crypto$/ },
  config: { layers: ["config", "acl", "core", "base"], modules: nothing },
  resp: { layers: ["resp", "core", "base"], modules: /^(redis-parser|node:module)$/ },
  net: { layers: ["net", "config", "base"], modules: /^node:(tls|fs|path)$/ },
  server: {
    layers: ["server", "explain", "net", "resp", "config", "acl", "core", "base"],
    modules: /^node:(net|tls|fs|crypto|os|path|util|perf_hooks|stream|v8)$/,
  },
  runtime: {
    layers: [
      "runtime",
      "http",
      "view",
      "explain",
      "server",
      "net",
      "resp",
      "config",
      "core",
      "base",
    ],
    modules: /^(node:.*|ioredis(\/.*)?|pino)$/,
  },
  http: {
    layers: ["http", "view", "explain", "core", "base"],
    modules: /^node:(http|https|dns|net|tls|crypto|stream)$/,
  },
  usage: { layers: ["console", "runtime"], modules: nothing },
  main: {
    layers: ["usage", "console", "config", "runtime", "base"],
    modules: /^(yargs|node:util)$/,
  },
  view: { layers: ["view", "explain", "core"], modules: nothing },
  quorum: { layers: ["quorum", "explain", "view", "core", "base"], modules: nothing },
  console: {
    layers: ["console", "quorum", "explain", "runtime", "net", "config", "core", "base"],
    modules:
      /^(node:(crypto|dns\/promises|fs|net|os|path|readline\/promises|stream|tls|util|zlib)|yargs)$/,
  },
  library: { layers: ["core", "view"], modules: nothing },
  index: { layers: ["library", "base", "config", "core", "explain", "view"], modules: nothing },
};

/** What the core may not touch: time and chance are arguments of step. */
const forbiddenInCore =
  /\b(Math\.random|Date\b|performance\.|setTimeout|setInterval|queueMicrotask|process\.|async |await |new Promise)/;

/** Of an array with one element for each Sentinel that voted. */
const BOUNDED_SPREADS = ["const most = Math.max(0, ...votes.values());"];

test("imports go in the agreed directions", () => {
  const wrong = sources("src").flatMap((file) =>
    importsOf(file)
      .filter((target) => !mayImport(file, target))
      .map((name) => `${file}: ${name}`),
  );
  assert.deepEqual(wrong, []);
});

test("what the core uses of base imports nothing", () => {
  const used = sources("src/core").flatMap((file) =>
    importsOf(file).map((target) => normalize(join(dirname(file), target))),
  );
  const ofBase = [...new Set(used)].filter((file) => layerOf(file) === "base");
  assert.deepEqual(ofBase.flatMap(importsOf), []);
  assert.ok(ofBase.length > 0);
});

test("the core has no clock, no chance, no promise", () => {
  const wrong = sources("src/core").flatMap((file) =>
    codeLines(file)
      .filter((line) => forbiddenInCore.test(line))
      .map((line) => `${file}: ${line}`),
  );
  assert.deepEqual(wrong, []);
});

test("no test is skipped, alone, or left for later", () => {
  const left = /\.(only|skip|todo)\(|\b(skip|only|todo): true|\b(TODO|FIXME|XXX)\b/;
  const wrong = [...sources("src"), ...sources("demo"), ...sources("test")]
    .filter((file) => !file.endsWith("tidy.test.ts"))
    .filter((file) => codeLines(file).some((line) => left.test(line)));
  assert.deepEqual(wrong, []);
});

test("every test file asserts something", () => {
  const asserting = /\b(assert|expect)\w*[.(]|\bfc\.assert|sceneTest\(/;
  const wrong = sources("test")
    .filter((file) => file.endsWith(".test.ts"))
    .filter((file) => !codeLines(file).some((line) => asserting.test(line)));
  assert.deepEqual(wrong, []);
});

test("files stay readable in one sitting", () => {
  const long = [...sources("src"), ...sources("demo"), ...sources("test")].filter(
    (file) => read(file).split("\n").length > 400,
  );
  assert.deepEqual(long, []);
});

/**
 * A call takes its arguments from the stack: with some hundred thousand it throws. Literals, `[...x]`,
 * have no such end.
 */
test("no call spreads an array whose length others decide", () => {
  const spread = /[\w$]\(\s*(?:[^()[\]{}]*,\s*)?\.\.\.(?!\w+:)/;
  const wrong = sources("src").filter((file) => {
    const lines = codeLines(file).filter((line) => !BOUNDED_SPREADS.includes(line.trim()));
    return spread.test(lines.join("\n"));
  });
  assert.deepEqual(wrong, []);
});

test("the lockfile names no registry", () => {
  assert.doesNotMatch(read("npm-shrinkwrap.json"), /"resolved"|https?:\/\/registry/);
});

test("docs/security.md says every limit", () => {
  const limits = read("src/core/limits.ts") + read("src/http/limits.ts");
  const names = [...limits.matchAll(/^export const (\w+)/gm)];
  const described = read("docs/security.md");
  const missing = names.flatMap(([, name = ""]) => (described.includes(`\`${name}\``) ? [] : name));
  assert.ok(names.length > 20);
  assert.deepEqual(missing, []);
});

test("who installs the package gets the dependencies that were tested", () => {
  // npm heeds a lockfile of a dependency only under this name, and only if it is published.
  const { files } = JSON.parse(read("package.json"));
  assert.ok(files.includes("npm-shrinkwrap.json"));
  assert.ok(!existsSync(join(root, "package-lock.json")), "two lockfiles");
});

test("everything that the package publishes is there", () => {
  const { bin, files } = JSON.parse(read("package.json"));
  const published: readonly string[] = [...Object.values<string>(bin), ...files];
  assert.deepEqual(
    published.filter((path) => !existsSync(join(root, path))),
    [],
  );
});

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** Lines without comments, roughly. */
function codeLines(file: string): readonly string[] {
  return read(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .map((line) => line.replace(/\/\/.*$/, ""));
}

function importsOf(file: string): readonly string[] {
  const form = /^(?:(?:import|export|\}).*from )"([^"]+)";|^import "([^"]+)"|import\("([^"]+)"\)/gm;
  return [...read(file).matchAll(form)].map(([, from, bare, later]) => from ?? bare ?? later ?? "");
}

function mayImport(file: string, target: string): boolean {
  const rule = rules[layerOf(file)];
  if (!target.startsWith(".")) return rule.modules.test(target);
  const path = normalize(join(dirname(file), target));
  return rule.layers.includes(layerOf(path));
}

function layerOf(file: string): Layer {
  const [first = ""] = relative("src", file).replace(/\.ts$/, "").split(sep);
  if (first in rules) return first as Layer;
  throw new Error(`${file} is in no layer that style knows.`);
}
