import { shown } from "./shown.ts";

/** Metrics as text, in Prometheus' format 0.0.4. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type Labels = Readonly<Record<string, string>>;

/** A metric, and its series so far: all of one metric stand together in the text. */
export class Family {
  readonly name: string;
  readonly #head: string;
  readonly #chunks: Buffer[] = [];
  #text = "";

  constructor(name: string, type: "gauge" | "counter" | "histogram", help: string) {
    this.name = name;
    this.#head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  /** `labels` as `labelsOf` makes them; `suffix` is one of a histogram. */
  add(value: number | bigint, labels = "", suffix = ""): void {
    this.#text += `${this.name}${suffix}${labels === "" ? "" : `{${labels}}`} ${value}\n`;
  }

  /** Makes bytes of what was added: a text that is put together for longer costs much at its end. */
  flush(): void {
    if (this.#text === "") return;
    this.#chunks.push(
      Buffer.from(this.#chunks.length === 0 ? this.#head + this.#text : this.#text),
    );
    this.#text = "";
  }

  /** None, if there are no series. */
  bytes(): readonly Buffer[] {
    this.flush();
    return this.#chunks;
  }
}

/** The values are byte strings. */
export function labelsOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${PLAIN.test(value) ? value : escaped(shown(value))}"`)
    .join(",");
}

const SPECIAL = /[\\"\n]/g;
const PLAIN = /^[ !#-[\]-~]*$/;

function escaped(text: string): string {
  return text.replace(SPECIAL, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}
