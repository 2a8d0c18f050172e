#!/usr/bin/env node
import { statSync } from "node:fs";
import { setFlagsFromString } from "node:v8";

// A Sentinel allocates little and lives long: a heap that stays small costs it some collections.
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=40");
// What a failover needs was compiled soon after the start (src/runtime/rehearsal.ts), and is kept for the day it is used.
setFlagsFromString("--no-flush-bytecode");

const program = new URL("../dist/src/main.js", import.meta.url);

// Unlike access(2), which existsSync asks, stat(2) heeds capabilities of a user who is not root.
if (statSync(program, { throwIfNoEntry: false })) {
  const { main } = await import(program.href);
  await main(process.argv.slice(2));
} else {
  console.error("redis-sentinel-ts is not built yet: run `npm run build` in its folder first.");
  process.exitCode = 1;
}
