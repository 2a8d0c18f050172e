import { inspect } from "node:util";

/** What a piece of text is about; how that looks is decided here. */
export type Tone = "good" | "warning" | "bad" | "quiet" | "strong";

const STYLES = {
  good: "green",
  warning: "yellow",
  bad: "red",
  quiet: "dim",
  strong: "bold",
} as const;

/** Where a command writes to. */
export interface Terminal {
  readonly stdout: Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns" | "rows">;
  readonly stderr: Pick<NodeJS.WriteStream, "write" | "isTTY">;
  readonly env: NodeJS.ProcessEnv;
}

export class Output {
  readonly terminal: Terminal;
  readonly #hasColours: boolean;

  constructor(terminal: Terminal, noColor: boolean) {
    const { stdout, env } = terminal;
    this.terminal = terminal;
    this.#hasColours = stdout.isTTY === true && !noColor && !env.NO_COLOR && env.TERM !== "dumb";
  }

  get isTerminal(): boolean {
    return this.terminal.stdout.isTTY === true;
  }

  /** Columns of the window; where there is none, lines may be as long as they are. */
  get width(): number {
    const { stdout, env } = this.terminal;
    if (stdout.isTTY === true && stdout.columns > 0) return stdout.columns;
    const told = Number(env.COLUMNS);
    return Number.isInteger(told) && told > 0 ? told : Number.POSITIVE_INFINITY;
  }

  paint(tone: Tone | null, text: string): string {
    if (tone === null || !this.#hasColours || text === "") return text;
    const [on, off] = inspect.colors[STYLES[tone]] ?? [0, 0];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }

  line(text = ""): void {
    this.terminal.stdout.write(`${text}\n`);
  }

  lines(all: readonly string[]): void {
    if (all.length > 0) this.line(all.join("\n"));
  }

  /** For who runs it, beside the result: progress, and what went wrong. */
  note(text: string): void {
    this.terminal.stderr.write(`${text}\n`);
  }

  /** Big whole numbers as numbers where they are exact, else as text. */
  json(value: object): void {
    this.line(harmless(JSON.stringify({ schema: 1, ...value }, plain, 2)));
  }

  /** One object on one line. */
  jsonLine(value: object): void {
    this.line(harmless(JSON.stringify({ schema: 1, ...value }, plain)));
  }
}

/** JSON may hold what acts on a terminal beyond ASCII: the same text, with these as escapes. */
function harmless(json: string): string {
  return json.replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (one) => {
    return `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : `${value}`;
}
