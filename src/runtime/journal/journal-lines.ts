import type { Incident } from "../../base/journal-entry.ts";

/** One entry as it stands in the file, without the end of the line; what is asked for is found without parsing it. */
export interface JournalLine {
  readonly id: number;
  readonly at: number;
  /** The name of the master in JSON, or `null`. */
  readonly name: string;
  readonly text: string;
}

/** The file is written so that each line begins with what is looked for. */
const HEAD =
  /^\{"id":(\d{1,15}),"at":(\d{1,15}),"type":"(?:failover|note)","name":(null|"(?:[^"\\]|\\.)*"),.*\}$/s;

export function lineOf(id: number, at: number, incident: Incident): JournalLine {
  const { type, name, ...rest } = incident;
  const text = JSON.stringify({ id, at, type, name, ...rest });
  return { id, at, name: JSON.stringify(name), text };
}

/** Those that are whole; others, of a crash or an editor, are passed over. */
export function readLines(text: string): JournalLine[] {
  return text.split("\n").flatMap((line) => {
    const [, id, at, name] = HEAD.exec(line) ?? [];
    if (id === undefined || at === undefined || name === undefined) return [];
    return [{ id: Number(id), at: Number(at), name, text: line }];
  });
}

/** Which entries are asked for. */
export interface JournalQuery {
  /** Those of this master, and those of the whole Sentinel; null: all. */
  readonly name: string | null;
  /** Not before this time, in milliseconds since 1970. */
  readonly since: number;
  /** At most so many, the last ones. */
  readonly count: number;
}

/** The oldest first. */
export function select(lines: readonly JournalLine[], query: JournalQuery): JournalLine[] {
  const name = query.name === null ? null : JSON.stringify(query.name);
  const found: JournalLine[] = [];
  for (let at = lines.length - 1; at >= 0 && found.length < query.count; at--) {
    const line = lines[at];
    if (!line || line.at < query.since) continue;
    if (name === null || line.name === name || line.name === "null") found.push(line);
  }
  return found.reverse();
}
