// Obtains the source package that the installed redis-server was built from, with `apt-get source`
// in a folder of its own: own source list, own package lists, own cache. Nothing of the system
// changes; the machine's apt settings (mirror, proxy, keys) apply.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const aptFolder = "/etc/apt";

/** Unpacks the source package below `folder` and returns the path of its top folder. */
export function fetchSource(folder, say) {
  const apt = aptOptions(folder);
  const wanted = installedSource();
  const unpacked = join(folder, "source");
  mkdirSync(unpacked);
  say(`reading source lists of the machine's package archive`);
  // One archive without sources makes the update fail; what counts is whether Redis is found.
  const update = aptGet([...apt, "-q", "update"], folder);
  say(`apt-get source ${wanted}`);
  const source = aptGet([...apt, "-q", "source", wanted], unpacked);
  if (source.status !== 0) {
    throw new Error(`apt-get source ${wanted} failed:\n${update.stderr}${source.stderr}`);
  }
  const [top] = readdirSync(unpacked).filter((name) => isSourceFolder(join(unpacked, name)));
  if (top === undefined) throw new Error(`The package ${wanted} has no Sentinel test suite.`);
  return join(unpacked, top);
}

export function isSourceFolder(folder) {
  return existsSync(join(folder, "tests", "sentinel", "run.tcl"));
}

/** `redis=5:7.0.15-1~deb12u10`: name and version of the source of the installed redis-server. */
function installedSource() {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders of dpkg-query
  const format = "${source:Package}=${source:Version}";
  const query = spawnSync("dpkg-query", ["-W", `-f=${format}`, "redis-server"], {
    encoding: "utf8",
  });
  return query.status === 0 && query.stdout !== "" ? query.stdout : "redis";
}

function aptOptions(folder) {
  const parts = join(folder, "sources.list.d");
  for (const path of ["sources.list.d", "lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  writeSourceLists(parts);
  return [
    `Dir::Etc::sourcelist=/dev/null`,
    `Dir::Etc::sourceparts=${parts}`,
    `Dir::State::lists=${join(folder, "lists")}`,
    `Dir::Cache=${join(folder, "cache")}`,
    // The user _apt may not write into our folder.
    `APT::Sandbox::User=`,
  ].flatMap((option) => ["-o", option]);
}

/** The machine's archives, asked for sources in place of programs. */
function writeSourceLists(parts) {
  const listed = join(aptFolder, "sources.list.d");
  const files = existsSync(listed) ? readdirSync(listed).map((name) => join(listed, name)) : [];
  for (const [index, file] of [join(aptFolder, "sources.list"), ...files].entries()) {
    if (!existsSync(file)) continue;
    const text = readFileSync(file, "utf8");
    if (file.endsWith(".list")) writeFileSync(join(parts, `${index}.list`), oneLine(text));
    if (file.endsWith(".sources")) writeFileSync(join(parts, `${index}.sources`), stanzas(text));
  }
}

function oneLine(text) {
  const lines = text.split("\n").filter((line) => /^\s*deb\s/.test(line));
  return `${lines.map((line) => line.replace(/^\s*deb\s/, "deb-src ")).join("\n")}\n`;
}

function stanzas(text) {
  return text.replace(/^Types:.*$/gim, "Types: deb-src");
}

function aptGet(args, cwd) {
  return spawnSync("apt-get", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
