/** How the reasons begin for which a replica may not become the master, each with its word in metrics. */
const REASONS: readonly (readonly [beginning: string, code: string])[] = [
  ["it is down", "down"],
  ["it is disconnected", "disconnected"],
  ["it does not answer PING", "no_answer"],
  ["its priority is 0", "priority_0"],
  ["it belongs to another group", "foreign"],
  ["it is paused", "paused"],
  ["it is the master of", "other_master"],
  ["its INFO is too old", "old_info"],
  ["it was without its master", "disconnected_too_long"],
  ["it is loading", "loading"],
  ["it is in a full sync", "syncing"],
  ["it never had the data", "no_data"],
  ["it was never in sync", "no_data"],
  ["it follows another server", "other_data"],
  ["it holds the data of another", "other_data"],
  ["it is a master itself", "other_data"],
];

/** One of a fixed list: labels that others can make up at will would fill Prometheus. */
export function unfitCode(reason: string): string {
  return REASONS.find(([beginning]) => reason.startsWith(beginning))?.[1] ?? "other";
}
