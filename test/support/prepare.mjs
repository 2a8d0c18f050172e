#!/usr/bin/env node
// Makes a fresh clone ready: dependencies, build, and the programs that tests and demo start.
// Plain JavaScript without dependencies, since it runs before `npm ci`. It says each thing that
// it does, does nothing that is done already, and stops with an instruction where it may not.
//
//   node test/support/prepare.mjs [--need redis-server,openssl] [--packages php-redis] [--no-build]
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Each program that a script may need, with the Debian package that brings it. */
const packageOf = {
  "redis-server": "redis-server",
  "redis-sentinel": "redis-sentinel",
  "redis-cli": "redis-tools",
  "redis-benchmark": "redis-tools",
  openssl: "openssl",
  tclsh: "tcl",
  "dpkg-source": "dpkg-dev",
  ps: "procps",
  prometheus: "prometheus",
  promtool: "prometheus",
  "prometheus-redis-exporter": "prometheus-redis-exporter",
  "dpkg-deb": "dpkg",
  git: "git",
  man: "man-db",
  mandoc: "mandoc",
  tmux: "tmux",
  zsh: "zsh",
  fish: "fish",
  lintian: "lintian",
  mmdebstrap: "mmdebstrap",
  "systemd-analyze": "systemd",
  ip: "iproute2",
  nft: "nftables",
  unshare: "util-linux",
  mount: "mount",
  chromium: "chromium",
  pngquant: "pngquant",
};

main(process.argv.slice(2));

function main(args) {
  checkNode();
  installPackages(listAfter(args, "--need"), listAfter(args, "--packages"));
  installDependencies();
  if (!args.includes("--no-build")) build();
}

function listAfter(args, option) {
  const at = args.indexOf(option);
  return at === -1 ? [] : (args[at + 1] ?? "").split(",");
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  stop(`Node 20.19 or later is needed; this is ${process.version}.`);
}

/** `needs` are programs, `libraries` packages that bring no program to look for. */
function installPackages(needs, libraries) {
  const isMissing = (name) => (libraries.includes(name) ? !isInstalled(name) : !isOnPath(name));
  const missing = [...needs, ...libraries].filter(isMissing);
  if (missing.length === 0) return;
  const unknown = missing.filter((name) => !(name in packageOf) && !libraries.includes(name));
  if (unknown.length > 0) stop(`Nobody knows where to find: ${unknown.join(", ")}.`);
  const packages = [...new Set(missing.map((name) => packageOf[name] ?? name))];
  const command = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (!isOnPath("apt-get")) {
    stop(`Not found: ${missing.join(", ")}. Install them (on Debian: ${command}) and try again.`);
  }
  const prefix = rootPrefix();
  if (prefix === null) {
    stop(`Not found: ${missing.join(", ")}. As root run: apt-get update && ${command}`);
  }
  say(`${missing.join(", ")} not found; installing ${packages.join(" ")} with apt-get`);
  // Without recommends: dpkg-dev would bring a C compiler.
  const options = ["install", "-y", "--no-install-recommends", ...packages];
  run([...prefix, "apt-get", "update", "-q"], "The package lists could not be read.", aptEnv());
  run([...prefix, "apt-get", "-q", ...options], `Run it by hand: ${command}`, aptEnv());
  const still = missing.filter(isMissing);
  if (still.length > 0) stop(`Still not found after the installation: ${still.join(", ")}.`);
  if (existsSync("/run/systemd/system")) {
    say("the packages start services of their own: systemctl disable --now redis-server");
  }
}

/** How to become root without a question: nothing, sudo, or null for not at all. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = isOnPath("sudo") && spawnSync("sudo", ["-n", "true"]).status === 0;
  return sudo ? ["sudo", "-n"] : null;
}

function aptEnv() {
  return { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
}

function installDependencies() {
  const why = whyInstall();
  if (why === null) return;
  say(`${why}; running npm ci`);
  run(["npm", "ci", "--no-audit", "--no-fund"], "npm ci failed; see its message above.");
}

/** null: what the lockfile asks for is installed. */
function whyInstall() {
  const wanted = packagesOf(join(root, "npm-shrinkwrap.json"));
  const present = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (present === null) return "node_modules is absent";
  for (const [path, { version, optional }] of Object.entries(wanted ?? {})) {
    if (path === "" || optional === true) continue;
    if (present[path]?.version !== version) return `node_modules lacks ${path} ${version}`;
  }
  return null;
}

function packagesOf(lockfile) {
  try {
    return JSON.parse(readFileSync(lockfile, "utf8")).packages;
  } catch {
    return null;
  }
}

function build() {
  const built = existsSync(join(root, "dist", "src", "main.js"));
  if (!built) say("dist is absent; running npm run build");
  run(["npm", "run", "--silent", "build"], "The build failed; see its messages above.");
}

function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function isInstalled(name) {
  const { stdout } = spawnSync("dpkg-query", ["--status", name], { encoding: "utf8" });
  return /^Status: install ok installed$/m.test(stdout ?? "");
}

function run([program, ...args], whenItFails, env = process.env) {
  // Standard output goes to standard error: a caller's own output stays clean.
  const done = spawnSync(program, args, { cwd: root, env, stdio: ["ignore", 2, 2] });
  if (done.error !== undefined) stop(`${program}: ${done.error.message}. ${whenItFails}`);
  if (done.status !== 0) stop(whenItFails);
}

function say(text) {
  process.stderr.write(`prepare: ${text}\n`);
}

function stop(text) {
  process.stderr.write(`prepare: ${text}\n`);
  process.exit(1);
}
