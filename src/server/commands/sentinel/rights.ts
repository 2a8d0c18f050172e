/** Of every subcommand but HELP. */
export const OPERATOR = {
  flags: ["admin"],
  categories: ["admin", "slow", "dangerous"],
} as const;
