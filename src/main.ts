import { bytesOf } from "./base/bytes.ts";
import { commandLineText } from "./config/command-line.ts";
import { GUARD_OPTION, takeGuards } from "./runtime/process/guard-flag.ts";
import { OWN_FLAGS, takeOwnFlags } from "./runtime/process/own-flags.ts";
import { StartError } from "./runtime/start-error.ts";
import { PROGRAM, versionLine } from "./runtime/version.ts";

/**
 * The program: `redis-sentinel-ts FILE [--name value ...] [-]`. The grammar is Redis's
 * [ARGS-LINES], in which every `--name value` is a line of configuration; our own flags are taken out
 * first. What a start does not need is imported only where it is needed.
 */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

async function run(args: readonly string[]): Promise<void> {
  const { guards, rest: others } = takeGuards(args, process.env);
  const { logFormat, rest } = takeOwnFlags(others, process.env);
  const commandLine = commandLineText(rest.map(bytesOf));
  switch (commandLine.asks) {
    case "version":
      process.stdout.write(`${versionLine()}\n`);
      return;
    case "help":
      return printHelp();
    case null: {
      const { boot } = await import("./runtime/boot.ts");
      return boot({ commandLine, logFormat, guards });
    }
    default:
      return commandLine.asks satisfies never;
  }
}

/** On standard error and with status 1, as Redis. */
async function printHelp(): Promise<void> {
  const { default: yargs } = await import("yargs");
  const help = yargs([])
    // Before the options of these names, which would be reserved.
    .version(false)
    .help(false)
    .scriptName(PROGRAM)
    .usage("Usage: $0 FILE [--directive value ...] [-]\n\nA Redis Sentinel in TypeScript.")
    .example("$0 /etc/redis/sentinel.conf", "watch what the file names and keep state in it")
    .example("$0 sentinel.conf --port 26380", "a directive in place of a line of the file")
    .example("$0 sentinel.conf -", "more lines on standard input")
    .options({ ...OWN_FLAGS, ...GUARD_OPTION })
    .option("version", { alias: "v", type: "boolean", describe: "Show the version and exit" })
    .option("help", { alias: "h", type: "boolean", describe: "Show this help and exit" })
    .epilogue(
      "FILE is required and must be writable: the Sentinel rewrites it. Every directive of\nsentinel.conf is an option; it is kept in the file by the next rewrite.",
    )
    .wrap(100);
  process.stderr.write(`${await help.getHelp()}\n`);
  process.exitCode = 1;
}
