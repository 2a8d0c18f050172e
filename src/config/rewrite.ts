import type { SentinelConfig } from "../core/config.ts";
import type { LogThreshold } from "../core/effect.ts";
import type { Directive, DirectiveValue } from "./directive-kinds.ts";
import { DIRECTIVES, RECENT_NAMES } from "./directives.ts";
import { type MasterLines, type MasterStyle, masterLines } from "./master-lines.ts";
import type { GenericValues } from "./read-lines.ts";
import { RewriteLines } from "./rewrite-lines.ts";
import { masterStyle, rewriteSentinel } from "./rewrite-sentinel.ts";
import { sameData } from "./same-data.ts";

export interface RewriteInput {
  /** What the file holds now, not at start; empty if it is gone. */
  readonly oldText: string;
  readonly generic: GenericValues;
  /** Canonical `user` lines without that word, sorted by name; null: they are in an ACL file. */
  readonly users: readonly string[] | null;
  /** Kept, to be compared with the next: none of it may be changed afterwards. */
  readonly sentinel: SentinelConfig;
  readonly loglevel: LogThreshold;
  /** The absolute current directory. */
  readonly workingDir: string;
}

/** A new file, and what the next rewrite need not find out again. */
export interface Rewritten {
  readonly text: string;
  /** Stands for `text`. */
  readonly lines: RewriteLines;
  readonly style: MasterStyle;
  /** By name. */
  readonly masters: ReadonlyMap<string, MasterLines>;
}

/**
 * The text that shall replace the file (wire.md 4.2): comments keep their place, lines are
 * reused, values equal to a server's default appear only where a line of theirs already stands.
 */
export function rewriteConfig(input: RewriteInput): string {
  return rewriteFile(input, null).text;
}

/** `before`: what made the old text, whose lines are used up. The new text does not depend on it. */
export function rewriteFile(input: RewriteInput, before: Rewritten | null): Rewritten {
  const { sentinel, users } = input;
  const lines = before?.lines ?? new RewriteLines(input.oldText);
  const style = masterStyle(lines, input);
  const known = before !== null && sameData(before.style, style) ? before.masters : null;
  const masters = sentinel.masters.map((master) =>
    masterLines(master, style, known?.get(master.name) ?? null),
  );
  rewriteGeneric(lines, input);
  rewriteUsers(lines, users);
  lines.forget("loadmodule");
  rewriteSentinel(lines, sentinel, masters, style);
  const byName = new Map(masters.map((each) => [each.master.name, each]));
  return { text: lines.finish(), lines, style, masters: byName };
}

function rewriteGeneric(lines: RewriteLines, input: RewriteInput): void {
  const values = new Map<string, DirectiveValue>(input.generic.values);
  values.set("loglevel", input.loglevel).set("dir", input.workingDir);
  for (const directive of DIRECTIVES) {
    const { name, sentinelDefault } = directive;
    lines.forget(name);
    for (const { text, required } of directive.lines(values.get(name) ?? sentinelDefault)) {
      lines.write({ option: name, text: `${spelling(directive, lines)} ${text}` }, required);
    }
  }
}

/** C writes primary names only, and so makes files that older servers refuse. */
function spelling({ name, aliases }: Directive, lines: RewriteLines): string {
  if (!RECENT_NAMES.has(name) || lines.nextWord(name) === name) return name;
  return aliases[0] ?? name;
}

function rewriteUsers(lines: RewriteLines, users: readonly string[] | null): void {
  lines.forget("user");
  for (const user of users ?? []) lines.write({ option: "user", text: `user ${user}` });
}
