import { bytesOf } from "../../base/bytes.ts";
import { BrokenInvariant } from "../../core/broken-invariant.ts";
import { monotonicMillis } from "../clock.ts";
import type { Log } from "../log/log.ts";

/** Who ends sooner than this after the start will do so again and again. */
const SOON_MS = 60_000;

interface DyingProcess {
  readonly log: Pick<Log, "write">;
  readonly configPath: string;
  /** By the monotonic clock. */
  readonly startedAt: number;
}

/**
 * The state in memory is wrong, or nothing works any more. What was not written stays unwritten, what was not
 * said stays unsaid, and whoever supervises us starts us anew from the file. Ends the process with status 1.
 */
export function dieOfBug(error: unknown, dying: DyingProcess): never {
  for (const line of lastWords(error, dying, monotonicMillis())) {
    dying.log.write("warning", bytesOf(line));
  }
  process.exit(1);
}

/** Exported for its test. */
export function lastWords(error: unknown, { configPath, startedAt }: DyingProcess, now: number) {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!(error instanceof BrokenInvariant)) {
    return [`This is a bug of the Sentinel, it exits: ${stack}`];
  }
  const file = `${configPath} stays as it was saved last`;
  const safety = `Nothing of this step was said or saved, ${file}, and a restart begins from it`;
  return [
    `BUG of the Sentinel, it exits: invariant ${error.message}. ${safety}. Please report it with the lines that follow. ${stack}`,
    ...error.lastInputs.map((line) => `Before invariant ${error.invariant} broke, ${line}`),
    ...(now - startedAt < SOON_MS ? [comesBack(configPath, now - startedAt)] : []),
  ];
}

function comesBack(configPath: string, lifeMs: number): string {
  const what = `This process lived for ${Math.round(lifeMs)} ms only: what broke the invariant may come back after each restart`;
  return `${what}. If it does, stop this Sentinel, keep its log and a copy of ${configPath}, and start another version on that file; the other Sentinels go on without it`;
}
