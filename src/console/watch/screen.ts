import type { Terminal } from "../output.ts";

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const REST_OF_LINE = "\u001b[K";
const REST_OF_SCREEN = "\u001b[J";

/** The other screen of the terminal, while it is ours. However the process ends, the user's own is back. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #leave = () => this.leave();
  #isOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  enter(onKey: (key: string) => void): void {
    this.#isOpen = true;
    // Also when the end is an exception that nobody caught.
    process.once("exit", this.#leave);
    this.#terminal.stdout.write(ENTER);
    const { stdin } = process;
    if (!stdin.isTTY) return;
    stdin.setRawMode(true);
    stdin.setEncoding("utf8");
    stdin.on("data", onKey);
    stdin.resume();
  }

  leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.#leave);
    this.#terminal.stdout.write(LEAVE);
    const { stdin } = process;
    if (!stdin.isTTY) return;
    stdin.setRawMode(false);
    stdin.pause();
  }

  get rows(): number {
    return this.#terminal.stdout.rows || 24;
  }

  /** In one write, over what was there: it does not flicker. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const seen = lines.slice(0, this.rows).map((line) => `${line}${REST_OF_LINE}`);
    this.#terminal.stdout.write(`${HOME}${seen.join("\r\n")}${REST_OF_SCREEN}`);
  }
}
