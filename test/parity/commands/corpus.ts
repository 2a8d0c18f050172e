import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { splitArgs } from "../../../src/base/tokenize.ts";

/** What a line of the corpus does; each is done on both daemons. */
export type Step =
  | { readonly type: "request"; readonly connection: string; readonly line: string }
  | { readonly type: "raw"; readonly connection: string; readonly line: string }
  /** Sends the bytes and ends our side: for input that is never completed. */
  | { readonly type: "last"; readonly line: string }
  /** Polls with the request until the reply matches; nothing is compared. */
  | { readonly type: "until"; readonly line: string; readonly pattern: RegExp }
  /** Compares what came meanwhile. */
  | { readonly type: "listen"; readonly connection: string }
  /** Goes on with a fresh connection. */
  | { readonly type: "reconnect" };

/** Steps that begin in the known state, on connections of their own. */
export interface Group {
  readonly topic: string;
  readonly name: string;
  /** Which pair of daemons: `main`, `secured`, `stuck`. */
  readonly pair: string;
  readonly steps: readonly Step[];
}

const folder = `${import.meta.url.split("/dist/")[0]?.replace("file://", "")}/test/parity/commands/corpus`;

/**
 * A file is a topic. `== name [@pair]` begins a group, `#` a comment. A line is a request in the
 * quoting of an inline command; a number and `>` name another connection. See {@link Step} for
 * `raw>`, `last>`, `until>`, `listen>` and `reconnect>`.
 */
export function readCorpus(): readonly Group[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .sort()
    .flatMap(readTopic);
}

function readTopic(file: string): readonly Group[] {
  const topic = basename(file, ".txt").replace(/^\d+-/, "");
  const sections = readFileSync(join(folder, file), "latin1").split(/^== /m).slice(1);
  return sections.map((section) => {
    const [title = "", ...lines] = section.split("\n");
    const [, name = "", pair = "main"] = /^(.*?)(?: @(\w+))?$/.exec(title) ?? [];
    const steps = lines.filter((line) => !/^(#|\s*$)/.test(line)).map(readStep);
    return { topic, name, pair, steps };
  });
}

function readStep(text: string): Step {
  const [, mark = "", line = ""] = /^(?:([a-z]*\d*)> ?)?(.*)$/s.exec(text) ?? [];
  const connection = /\d+$/.exec(mark)?.[0] ?? "1";
  switch (mark.replace(/\d+$/, "")) {
    case "":
      return { type: "request", connection, line };
    case "raw":
      return { type: "raw", connection, line };
    case "last":
      return { type: "last", line };
    case "listen":
      return { type: "listen", connection };
    case "reconnect":
      return { type: "reconnect" };
    case "until": {
      const [request = "", pattern = ""] = line.split(" ~ ");
      return { type: "until", line: request, pattern: new RegExp(pattern) };
    }
    default:
      throw new Error(`The corpus has no step ${mark}.`);
  }
}

/** Fills `{name}` in, and `{text*count}`. */
export function fill(line: string, values: Readonly<Record<string, string>>): string {
  return line.replace(/\{([^{}]+)\}/g, (whole, key: string) => {
    const [, text = "", count] = /^(.+)\*(\d+)$/.exec(key) ?? [];
    return count === undefined ? (values[key] ?? whole) : text.repeat(Number(count));
  });
}

export function wordsOf(line: string): readonly string[] {
  const words = splitArgs(line);
  if (words === null) throw new Error(`Unbalanced quotes in the corpus: ${line}`);
  return words;
}
