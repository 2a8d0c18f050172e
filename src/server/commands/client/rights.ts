/** Of a subcommand that concerns the connection which says it. */
export const OWN_CONNECTION = {
  flags: ["noscript", "loading", "stale"],
  categories: ["slow", "connection"],
} as const;

/** Of a subcommand that concerns the connections of others. */
export const ALL_CONNECTIONS = {
  flags: ["admin", "noscript", "loading", "stale"],
  categories: ["admin", "slow", "dangerous", "connection"],
} as const;
