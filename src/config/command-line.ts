import { quoteAlways, splitArgs } from "../base/tokenize.ts";

/** What the arguments of the process say [ARGS-LINES], our own flags taken out before. */
export interface CommandLine {
  /** `-v` or `-h` as the first argument, which end the process after their output. */
  readonly asks: "version" | "help" | null;
  /** As written; null: none given. */
  readonly file: string | null;
  /** `-` as the first or the last argument: more lines come on standard input. */
  readonly readsStdin: boolean;
  /** The `--name value ...` options as lines, to be appended to the file's text. */
  readonly optionsText: string;
  /** `--sentinel` was given; the name of the program may select the mode as well. */
  readonly sentinelFlag: boolean;
}

/** Reads the arguments that follow the name of the program. */
export function commandLineText(args: readonly string[]): CommandLine {
  const first = args[0] ?? "-";
  const file = first.startsWith("-") ? null : first;
  const options = new OptionLines();
  let readsStdin = false;
  for (const [at, arg] of args.entries()) {
    if (at === 0 && file !== null) continue;
    if (arg === "-" && (at === 0 || at === args.length - 1)) readsStdin = true;
    else options.add(arg, args[at + 1]);
  }
  return {
    asks: asked(first),
    file,
    readsStdin,
    optionsText: options.text,
    sentinelFlag: args.includes("--sentinel"),
  };
}

function asked(first: string): CommandLine["asks"] {
  if (first === "-v" || first === "--version") return "version";
  return first === "-h" || first === "--help" ? "help" : null;
}

/** Options that are complete without a value, and what stands for it on their line. */
const VALUELESS = new Map([
  ["--save", '""'],
  ["--sentinel", ""],
]);

class OptionLines {
  text = "";
  /** Whether the last option has its value, so that `--` may begin the next one. */
  #complete = true;

  add(arg: string, next: string | undefined): void {
    if (this.#complete && arg.startsWith("--")) {
      this.#begin(arg, next);
    } else {
      this.text += `${quoteAlways(arg)} `;
      this.#complete = true;
    }
  }

  #begin(arg: string, next: string | undefined): void {
    this.text += `${this.text === "" ? "" : "\n"}${arg.slice(2)} `;
    // `"--port 6380"` in one argument brings its value along.
    this.#complete = splitArgs(arg)?.length !== 1;
    const standIn = VALUELESS.get(arg.toLowerCase());
    if (standIn === undefined || this.#complete) return;
    if (next !== undefined && !next.startsWith("--")) return;
    this.text += standIn;
    this.#complete = true;
  }
}
