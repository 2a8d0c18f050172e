const csi = "\u001b[";
const styles = {
  bold: "1",
  dim: "2",
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  cyan: "36",
};

export type Style = keyof typeof styles;

/** Prints what happens at the moment it happens, in milliseconds since the last zero. */
export class Timeline {
  readonly #colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  #zeroMs = performance.now();

  /** A new chapter, whose times count from now. */
  heading(text: string): void {
    this.#zeroMs = performance.now();
    this.print(`\n${this.paint("bold", text)}`);
  }

  /** Milliseconds since the last heading. */
  elapsedMs(atMs = performance.now()): number {
    return Math.round(atMs - this.#zeroMs);
  }

  entry(who: string, style: Style, what: string, meaning = "", strong = false): void {
    const time = `${this.elapsedMs()} ms`.padStart(9);
    const name = this.paint(style, who.padEnd(6));
    const event = what.padEnd(34);
    const text = strong ? this.paint("bold", `${event} ${meaning}`) : `${event} ${meaning}`;
    this.print(`${this.paint("dim", time)}  ${name}  ${text.trimEnd()}`);
  }

  print(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  paint(style: Style, text: string): string {
    return this.#colours ? `${csi}${styles[style]}m${text}${csi}0m` : text;
  }
}
