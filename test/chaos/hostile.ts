import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The name of it among the scenarios. */
export const hostile = "hostile";

const files = ["server", "hello", "clients", "neighbours"].map((name) =>
  fileURLToPath(new URL(`./hostile-${name}.test.js`, import.meta.url)),
);

/** Hostile neighbours need no hosts of their own. Returns an exit code. */
export function runHostile(runs: number): number {
  const options = ["--test", "--test-reporter=spec", "--test-concurrency=1"];
  const codes = Array.from({ length: runs }, () => {
    const done = spawnSync(process.execPath, [...options, ...files], { stdio: "inherit" });
    return done.status ?? 1;
  });
  return Math.max(...codes);
}
