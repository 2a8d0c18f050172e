import yargs from "yargs";
import { bytesOf } from "../base/bytes.ts";
import { PROGRAM } from "../runtime/version.ts";
import { ACTED, type Command, EXITS, OBSERVED } from "./command.ts";
import { COMMANDS } from "./commands/table.ts";
import { accessOf } from "./connect/access.ts";
import type { CommandName } from "./names.ts";
import { COMMON_OPTIONS, type CommonValues } from "./options.ts";
import { Output, type Terminal } from "./output.ts";
import { escaped } from "./shown.ts";
import { STDIN } from "./stdin.ts";
import { Trouble } from "./trouble.ts";

/**
 * A subcommand of the program: `redis-sentinel-ts status mymaster --at host:port`. Sets the status of the process.
 */
export async function runCommand(name: CommandName, words: readonly string[]): Promise<void> {
  const { stdout, stderr, env } = process;
  // Who reads has seen enough (`status | head -1`), or the terminal is gone. What acts goes on to its end without.
  stdout.on("error", () => {
    if (COMMANDS[name].exits !== "acting") process.exit();
  });
  stderr.on("error", () => undefined);
  const status = await statusOf(COMMANDS[name], words, { stdout, stderr, env });
  process.exitCode = status;
}

async function statusOf(
  command: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    const parsed = parse(command, words);
    if (parsed === null) {
      terminal.stdout.write(`${await helpOf(command)}\n`);
      return 0;
    }
    const { values, positional } = parsed;
    const output = new Output(terminal, values["no-color"] === true);
    const access = await accessOf(values, terminal.env);
    const interrupted = command.undoes ? interruption(terminal) : new AbortController().signal;
    const wordsOfIt = positional.map(bytesOf);
    return await command.run({ words: wordsOfIt, options: values, output, access, interrupted });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    terminal.stderr.write(`${PROGRAM} ${command.name}: ${error.message}\n`);
    return error.status ?? statusOfNothing(command);
  }
}

/** The first signal asks; the second one ends it, and nothing more is put back. */
function interruption({ stderr }: Terminal): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    // A terminal that is lost says so more than once: the kernel does, and the shell.
    if (controller.signal.aborted && signal === "SIGHUP") return;
    if (controller.signal.aborted) process.exit(130);
    stderr.write(
      "ending in good order; once more ends it at once, and what was set stays as it is\n",
    );
    controller.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  return controller.signal;
}

interface Parsed {
  readonly values: CommonValues & Record<string, unknown>;
  readonly positional: readonly string[];
}

/** Null: the help is wanted. @throws Trouble for words that make no sense. */
function parse(command: Command, words: readonly string[]): Parsed | null {
  const parser = parserOf(command)
    .exitProcess(false)
    .strictOptions()
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw misuse(command, message ?? error?.message);
    });
  const { _: positional, $0: _program, ...given } = parser.parseSync(words.map(givable));
  const values = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, lastOf(command, name, value)]),
  );
  if (values.help === true) return null;
  const [least, most] = command.wordCount;
  if (positional.length < least || positional.length > most) {
    const words = [PROGRAM, command.name, command.words, "[options]"];
    throw misuse(command, `use: ${words.filter((word) => word !== "").join(" ")}`);
  }
  // Every option is given to yargs with its type.
  return { values: values as unknown as Parsed["values"], positional: positional.map(String) };
}

/** A dash alone is no value to yargs where many may stand. */
function givable(word: string): string {
  return word === "-" ? STDIN : word;
}

/** Of what is given more than once the last counts, unless the option takes many. */
function lastOf(command: Command, name: string, value: unknown): unknown {
  return Array.isArray(value) && command.options[name]?.array !== true ? value.at(-1) : value;
}

function misuse(command: Command, message: string): Trouble {
  return new Trouble(`${escaped(message)} (--help tells more)`, statusOfNothing(command));
}

/** It could not begin. */
function statusOfNothing({ exits }: Command): number {
  return exits === "acting" ? ACTED.refused : OBSERVED.unknown;
}

function parserOf(command: Command) {
  return yargs([])
    .version(false)
    .help(false)
    .locale("en")
    .scriptName(`${PROGRAM} ${command.name}`)
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-positional-numbers": false,
    })
    .options({
      ...COMMON_OPTIONS,
      // One of its own takes the place of a common one.
      ...command.options,
      help: { alias: "h", type: "boolean", describe: "show this help" },
    });
}

async function helpOf(command: Command): Promise<string> {
  const { words, summary, about, examples, exits } = command;
  const help = parserOf(command)
    .usage(`Usage: $0 ${words} [options]\n\n${summary}.`)
    .epilogue(`${about}\n\nStatus: ${EXITS[exits]}.`)
    .wrap(100);
  for (const [line, what] of examples) help.example(`${PROGRAM} ${line}`, what);
  return await help.getHelp();
}
