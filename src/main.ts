import { bytesOf } from "./base/bytes.ts";
import { commandLineText } from "./config/command-line.ts";
import { isCommandName } from "./console/names.ts";
import { takeOwnFlags } from "./runtime/process/own-flags.ts";
import { StartError } from "./runtime/start-error.ts";
import { versionLine } from "./runtime/version.ts";

/**
 * The program: `redis-sentinel-ts FILE [--name value ...] [-]`. The grammar is Redis's
 * [ARGS-LINES], in which every `--name value` is a line of configuration; our own flags are taken out
 * first. A first word that is a command of the console is one. What a start does not need is imported only where
 * it is needed.
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
  const [first, ...words] = args;
  if (isCommandName(first)) {
    const { runCommand } = await import("./console/main.ts");
    return runCommand(first, words);
  }
  const { own, rest } = takeOwnFlags(args, process.env);
  const commandLine = commandLineText(rest.map(bytesOf));
  switch (commandLine.asks) {
    case "version":
      process.stdout.write(`${versionLine()}\n`);
      return;
    case "help":
      return printHelp();
    case null: {
      const { boot } = await import("./runtime/boot.ts");
      return boot({ commandLine, own });
    }
    default:
      return commandLine.asks satisfies never;
  }
}

/** On standard error and with status 1, as Redis. */
async function printHelp(): Promise<void> {
  const { default: yargs } = await import("yargs");
  const { USAGE } = await import("./usage.ts");
  const help = yargs([])
    // Before the options of these names, which would be reserved.
    .version(false)
    .help(false)
    // The words around ours are English, too.
    .locale("en")
    .scriptName(USAGE.program)
    .usage(`Usage: $0 ${USAGE.synopsis}\n\n${USAGE.summary}`)
    .options(USAGE.options)
    .epilogue(USAGE.note)
    .wrap(100);
  for (const { name, words, summary } of USAGE.commands) help.command(`${name} ${words}`, summary);
  for (const [words, what] of USAGE.examples) help.example(`$0 ${words}`, what);
  process.stderr.write(`${await help.getHelp()}\n`);
  process.exitCode = 1;
}
