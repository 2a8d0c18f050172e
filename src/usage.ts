import { EXITS } from "./console/command.ts";
import { COMMANDS } from "./console/commands/table.ts";
import { COMMON_OPTIONS } from "./console/options.ts";
import { ownOptions } from "./runtime/process/own-flags.ts";
import { PROGRAM } from "./runtime/version.ts";

/** An option of ours; in the form of yargs. */
interface Option {
  readonly alias?: string;
  readonly type?: "boolean" | "string";
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly describe: string;
}

const OPTIONS: Readonly<Record<string, Option>> = {
  ...ownOptions(),
  version: { alias: "v", type: "boolean", describe: "Show the version and exit" },
  help: { alias: "h", type: "boolean", describe: "Show this help and exit" },
};

/** What `--help`, the man page and the completion of shells say: one source for all three. */
export const USAGE = {
  program: PROGRAM,
  synopsis: "FILE [--directive value ...] [-]",
  summary: "A Redis Sentinel in TypeScript.",
  examples: [
    ["/etc/redis/sentinel.conf", "watch what the file names and keep state in it"],
    ["sentinel.conf --port 26380", "a directive in place of a line of the file"],
    ["sentinel.conf -", "more lines on standard input"],
  ],
  options: OPTIONS,
  commands: Object.values(COMMANDS),
  /** Options that each command has. */
  commonOptions: COMMON_OPTIONS,
  exits: EXITS,
  note: "FILE is required and must be writable: the Sentinel rewrites it. Every directive of sentinel.conf is an option; it is kept in the file by the next rewrite.",
} as const;
