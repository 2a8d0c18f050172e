/** Why a configuration does not load, and where. */
export interface ConfigError {
  /** `open`: the file cannot be read at all; `directive`: one of its lines is wrong. */
  readonly kind: "open" | "directive";
  /** The file that holds the line, or `(standard input)`, `(command line)`. */
  readonly file: string;
  /** Counted from 1; 0 when the error belongs to no line. */
  readonly line: number;
  /** The line without the white space around it. */
  readonly text: string;
  /** C's sentence where C has one. */
  readonly reason: string;
}

/**
 * What the operator reads on standard error before exit 1 [FILE-ERRORS]: the lines of C, then one of ours that
 * names the file and the way out. `version` is for example `Redis 7.4.11`.
 */
export function formatConfigError(error: ConfigError, version: string): string {
  const advice = `${error.file}: ${adviceFor(error)}\n`;
  if (error.kind === "open") return `${error.reason}\n${advice}`;
  const place =
    error.line === 0
      ? ""
      : `Reading the configuration file, at line ${error.line}\n>>> '${error.text}'\n`;
  return `\n*** FATAL CONFIG FILE ERROR (${version}) ***\n${place}${error.reason}\n${advice}`;
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    "Unbalanced quotes in configuration line",
    "every quote needs its partner, and white space must follow the closing one",
  ],
  [
    "Bad directive or wrong number of arguments",
    "there is no directive of this name, or it has too few or too many words",
  ],
  [
    "wrong number of arguments",
    "give the value as one word, in quotes if it has spaces; a comment needs a line of its own",
  ],
  [
    "Unrecognized sentinel configuration statement.",
    "check the spelling after `sentinel` and the number of words; quote values with spaces",
  ],
  [
    "No such master with specified name.",
    "add `sentinel monitor <name> <host> <port> <quorum>` for this name, or remove the line",
  ],
  [
    "Quorum must be 1 or greater.",
    "write `sentinel monitor <name> <host> <port> <quorum>` with a quorum of 1 or more",
  ],
  ["Invalid port number.", "a port is a number from 0 to 65535"],
  [
    "Can't resolve instance hostname.",
    "give an IP address, or put `sentinel resolve-hostnames yes` into the file",
  ],
  ["Duplicate master name.", "two `sentinel monitor` lines share a name; rename or remove one"],
  [
    "Duplicate runid for sentinel.",
    "two `sentinel known-sentinel` lines share an id; remove the one with the old address",
  ],
  [
    "Same command renamed multiple times with rename-command.",
    "keep one `sentinel rename-command` line for each command of this master",
  ],
  ["Malformed Sentinel id in myid option.", "remove the line: a new id is generated at start"],
  ["negative or zero time parameter.", "give a number of milliseconds of 1 or more"],
  ["negative time parameter.", "give a number of milliseconds, 0 for off"],
  [
    "Notification script seems non existing or non executable.",
    "check the path and that the user of this process may execute it",
  ],
  [
    "Client reconfiguration script seems non existing or non executable.",
    "check the path and that the user of this process may execute it",
  ],
]);

const CAN_FAILOVER = "`sentinel can-failover` is gone since Redis 2.8: remove the line";

function adviceFor(error: ConfigError): string {
  if (error.kind === "open") return "check that the file exists and may be read";
  const where = error.line === 0 ? "" : `line ${error.line}: `;
  const gone = /^\s*sentinel\s+can-failover\s/i.test(error.text) ? CAN_FAILOVER : undefined;
  const advice = gone ?? ADVICE.get(error.reason) ?? "correct or remove this line";
  return `${where}${advice}, then start again`;
}
