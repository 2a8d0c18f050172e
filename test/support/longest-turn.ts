import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cpuClock } from "./cpu-clock.ts";

/*
 * Loaded into another process of Node, it measures the longest turn of that one's event loop in
 * processor time of its main thread, which a busy machine does not make longer.
 */

/** Writes the longest turn since the last time, in ms, to `LONGEST_TURN_FILE` in the working folder. */
export const TELL_LONGEST_TURN = "SIGUSR2";
export const LONGEST_TURN_FILE = "longest-turn";

/** The environment of a process that is to be measured. */
export const MEASURED = {
  NODE_OPTIONS: `--import ${fileURLToPath(import.meta.url)}`,
} as const;

if (process.env.NODE_OPTIONS === MEASURED.NODE_OPTIONS) measure();

function measure(): void {
  const cpuMillis = cpuClock();
  let last = cpuMillis();
  let longest = 0;
  // An immediate without reference runs once in each turn, and causes none.
  const look = (): void => {
    const now = cpuMillis();
    longest = Math.max(longest, now - last);
    last = now;
    setImmediate(look).unref();
  };
  look();
  process.on(TELL_LONGEST_TURN, () => {
    writeFileSync(LONGEST_TURN_FILE, `${longest}`);
    longest = 0;
    last = cpuMillis();
  });
}
