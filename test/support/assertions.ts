import assert from "node:assert/strict";
import type { SentinelEvent } from "./event-log.ts";

/** Each of these channels occurs, in this order; others may stand between. */
export function assertInOrder(events: readonly SentinelEvent[], expected: readonly string[]): void {
  const channels = events.map((event) => event.channel);
  let at = 0;
  for (const channel of expected) {
    const found = channels.indexOf(channel, at);
    assert.notEqual(found, -1, `no ${channel} after ${channels.slice(0, at)}: ${channels}`);
    at = found + 1;
  }
}

/** What the leader of a failover says, in the order of Redis Sentinel. */
export const leaderEvents = [
  "+try-failover",
  "+elected-leader",
  "+failover-state-select-slave",
  "+selected-slave",
  "+failover-state-send-slaveof-noone",
  "+failover-state-wait-promotion",
  "+promoted-slave",
  "+failover-state-reconf-slaves",
  "+failover-end",
  "+switch-master",
] as const;

/** What a Sentinel that follows another says. */
export const followerEvents = ["+config-update-from", "+switch-master", "+slave"] as const;
