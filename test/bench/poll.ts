import { setTimeout as wait } from "node:timers/promises";

export interface PollOptions {
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/**
 * When the probe first said yes, on the clock of performance.now(). What it throws counts as no:
 * servers in the middle of a failover drop their clients.
 */
export async function firstTime(
  what: string,
  probe: () => Promise<boolean>,
  { everyMs, timeoutMs }: PollOptions,
): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (await probe().catch(() => false)) return performance.now();
    await wait(everyMs);
  }
  throw new Error(`Not within ${timeoutMs} ms: ${what}`);
}
