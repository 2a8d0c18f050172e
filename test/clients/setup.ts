import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ClientSpec } from "./registry.ts";
import type { ToolCheck } from "./tools/check.ts";

/** From dist/test/clients, or from another folder of compiled tests. */
export const root = fileURLToPath(import.meta.url.split("/dist/")[0] ?? "");

/** Outside of test/: what npm installs here is none of the project's sources. */
const programs = join(root, "node_modules", ".cache", "clients");

/** Installs what the clients need, and returns the folder from which their programs run. */
export function setUp(clients: readonly ClientSpec[], tools: readonly ToolCheck[]): string {
  const packages = [...clients, ...tools].flatMap((one) => one.packages ?? []);
  if (packages.length > 0) {
    const list = [...new Set(packages)].join(",");
    run("node", ["test/support/prepare.mjs", "--no-build", "--packages", list], root);
  }
  mkdirSync(programs, { recursive: true });
  cpSync(join(root, "test", "clients", "programs"), programs, { recursive: true });
  if (clients.some(({ command }) => command[0] === "node")) installNpm(join(programs, "npm"));
  for (const { build } of clients) if (build !== undefined) compile(build);
  return programs;
}

function installNpm(folder: string): void {
  if (isInstalled(folder)) return;
  // Optional ones are native helpers: some machines cannot build them, and nobody needs them.
  run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"], folder);
}

/** npm keeps beside node_modules what it has installed. */
function isInstalled(folder: string): boolean {
  const [wanted, present] = ["package-lock.json", "node_modules/.package-lock.json"].map((name) =>
    versions(join(folder, name)),
  );
  return wanted !== undefined && wanted === present;
}

function versions(lockfile: string): string | undefined {
  if (!existsSync(lockfile)) return undefined;
  const lock: { packages: Record<string, { version: string; optional?: boolean }> } = JSON.parse(
    readFileSync(lockfile, "utf8"),
  );
  return Object.entries(lock.packages)
    .filter(([path, { optional }]) => path !== "" && optional !== true)
    .map(([path, { version }]) => `${path} ${version}`)
    .join();
}

/** A compiler's command line; GOPATH names where Debian keeps Go's libraries. */
function compile([program = "", ...args]: readonly string[]): void {
  run(program, args, programs, { GO111MODULE: "off", GOPATH: "/usr/share/gocode" });
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): void {
  // Standard output goes to standard error: the table is the only output of the run.
  const done = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", 2, 2],
  });
  if (done.status === 0) return;
  const reason = done.error?.message ?? `ended with ${done.status ?? done.signal}`;
  throw new Error(`set-up of the clients: ${program} ${args.join(" ")}: ${reason}`);
}
