/**
 * First words of a command line that are commands of the console, in the order of the help. Apart from what they do,
 * so that the start of a Sentinel loads nothing of the console.
 */
const COMMAND_NAMES = [
  // One a line.
  "status",
  "watch",
  "check",
  "explain",
  "history",
  "rotate",
  "switchover",
  "failover",
  "handover",
  "pause",
  "resume",
  "forget",
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

/** A configuration file of such a name is said as `./status`. */
export function isCommandName(word: string | undefined): word is CommandName {
  return COMMAND_NAMES.some((name) => name === word);
}
