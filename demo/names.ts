import { explainEvent } from "../src/explain/event.ts";
import type { SentinelEvent } from "../test/support/event-log.ts";

/** Short names of servers and Sentinels. All listen on one address, so that ports tell them apart. */
export interface Names {
  readonly redisByPort: ReadonlyMap<string, string>;
  readonly sentinelById: ReadonlyMap<string, string>;
  readonly sentinelByPort: ReadonlyMap<string, string>;
}

/** What both sides of an election say, and what it comes to: worth a stronger colour. */
export const keyEvents: ReadonlySet<string> = new Set([
  "+odown",
  "+vote-for-leader",
  "+elected-leader",
  "+promoted-slave",
  "+switch-master",
  "+convert-to-slave",
]);

/** What an event means, with those names. */
export function meaningOf({ channel, payload }: SentinelEvent, names: Names): string {
  const known = {
    server: (_host: string, port: string) => names.redisByPort.get(port) ?? null,
    sentinel: (runId: string) => names.sentinelById.get(runId) ?? null,
  };
  return explainEvent(channel, payload, known) ?? payload;
}
