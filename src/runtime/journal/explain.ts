import type { JournalEntry } from "../../base/journal-entry.ts";
import { outcomeOf } from "../../explain/record.ts";
import type { Explanation } from "../../explain/situation.ts";
import { span } from "../../explain/span.ts";
import { why } from "../../explain/why.ts";
import { situationOf } from "../../view/situation.ts";
import type { View } from "../../view/view.ts";
import type { JournalFile } from "./journal-file.ts";

interface Sources {
  readonly journal: Pick<JournalFile, "read">;
  /** Nothing of it may be known that the file does not hold. */
  readonly look: () => View;
  readonly now: () => number;
  readonly wallNow: () => number;
}

/** Why a master is not failed over, or what would happen now; null: there is none of this name. */
export async function explain(sources: Sources, name: string): Promise<Explanation | null> {
  const last = await lastFailover(sources, name);
  const view = sources.look();
  const now = sources.now();
  const master = view.master(name, now);
  return master && why(situationOf(view.sentinel(now), master, last));
}

/** Among so many entries. */
const LOOKED_AT = 50;

async function lastFailover({ journal, wallNow }: Sources, name: string): Promise<string | null> {
  const lines = await journal.read({ name, since: 0, count: LOOKED_AT });
  for (const line of lines.reverse()) {
    const outcome = outcomeIn(line, wallNow());
    if (outcome !== null) return outcome;
  }
  return null;
}

/** Null of a note, and of a line that somebody has edited. */
function outcomeIn(line: string, now: number): string | null {
  try {
    const entry: JournalEntry = JSON.parse(line);
    return entry.type === "failover" ? `${outcomeOf(entry)}, ${span(now - entry.at)} ago` : null;
  } catch {
    return null;
  }
}
