/** Of a subcommand that tells nothing of users. */
export const HARMLESS = {
  flags: ["noscript", "loading", "stale"],
  categories: ["slow"],
} as const;

/** Of a subcommand that shows or changes users. */
export const ADMINISTRATIVE = {
  flags: ["admin", "noscript", "loading", "stale"],
  categories: ["admin", "slow", "dangerous"],
} as const;

export const ON_ALL_NODES = ["request_policy:all_nodes", "response_policy:all_succeeded"];
