import { textOf } from "../../base/bytes.ts";
import { evidenceOf, namesIn } from "../../explain/log/evidence.ts";
import { readLogs } from "../history/log-files.ts";
import type { Output } from "../output.ts";
import { escaped, shown } from "../shown.ts";

/** What logs tell of a master; byte strings. */
interface Logged {
  readonly name: string;
  readonly lines: readonly string[];
}

/** Null: of all masters that the logs tell of. @throws Trouble for a log that cannot be read. */
export async function loggedIn(
  paths: readonly string[],
  name: string | null,
  output: Output,
): Promise<readonly Logged[]> {
  const { history, files } = await readLogs(paths, process.stdin);
  for (const { path, trouble } of files) {
    if (trouble !== null) output.note(`${escaped(path)}: only its beginning was read: ${trouble}`);
  }
  const entries = history.entries();
  const names = name === null ? namesIn(entries) : [name];
  return names.map((one) => ({ name: one, lines: evidenceOf(entries, one) }));
}

export function loggedLines(output: Output, all: readonly Logged[]): string[] {
  return all.flatMap(({ name, lines }) => [
    `${output.paint("strong", shown(name))}  what the logs tell`,
    ...(lines.length === 0 ? ["  nothing"] : lines.map((line) => `  ${shown(line)}`)),
  ]);
}

export function loggedJson(all: readonly Logged[]): readonly object[] {
  return all.map(({ name, lines }) => ({ name: textOf(name), lines: lines.map(textOf) }));
}
