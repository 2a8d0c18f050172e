/** A scenario as its file tells it: what it shows, what is done, and what happened when it last ran. */
export interface Scenario {
  /** Comments and commands as they stand in the file. */
  readonly script: string;
  readonly commands: readonly Command[];
  readonly happened: string;
}

/** One line of a script. */
export interface Command {
  /** Virtual milliseconds since all had found each other; null: right after the one before. */
  readonly atMs: number | null;
  readonly words: string;
}

const END_OF_SCRIPT = "\n----\n";

/**
 * Lines that begin with `#` are words for the reader. Every other one is a command, with `at N` before
 * it if it is not to happen at once. What happened stands below a line of four dashes.
 */
export function parseScenario(text: string): Scenario {
  const [script = "", happened = ""] = text.split(END_OF_SCRIPT);
  const commands = script
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map(parseCommand);
  return { script, commands, happened };
}

/** The whole text of the file, with what happened now. */
export function writeScenario({ script }: Scenario, happened: string): string {
  return `${script}${END_OF_SCRIPT}${happened}`;
}

function parseCommand(line: string): Command {
  const [, time, words = ""] = /^(?:at (\d+) )?(.+)$/.exec(line.trim()) ?? [];
  return { atMs: time === undefined ? null : Number(time), words };
}
