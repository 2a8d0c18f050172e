import { setTimeout as wait } from "node:timers/promises";

/** The one way to let time pass: how long a fault lasts is part of a scenario. */
export async function keepFor(durationMs: number): Promise<void> {
  await wait(durationMs);
}
