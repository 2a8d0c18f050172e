import { quoteArg, splitArgs } from "../base/tokenize.ts";
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
  /** Kept like `sentinel`. */
  readonly generic: GenericValues;
  /** Canonical `user` lines without that word, sorted by name; null: they are in an ACL file. */
  readonly users: readonly string[] | null;
  /** The same as it was right after the start; absent: as now. */
  readonly usersAtStart?: readonly string[];
  /** The log level of the start; absent: as now. */
  readonly loglevelAtStart?: LogThreshold;
  /** Kept, to be compared with the next: none of it may be changed afterwards. */
  readonly sentinel: SentinelConfig;
  /** How `sentinel` names an address that was given by a name, by `name port` in lower case; absent: as it was. */
  readonly writtenAddresses?: ReadonlyMap<string, string>;
  readonly loglevel: LogThreshold;
  /** The absolute current directory. */
  readonly workingDir: string;
}

/** A new file, and what the next rewrite need not find out again. */
export interface Rewritten {
  readonly text: string;
  /** Stands for `text`. */
  readonly lines: RewriteLines;
  /** What it was made of. */
  readonly input: RewriteInput;
  readonly style: MasterStyle;
  /** By name. */
  readonly masters: ReadonlyMap<string, MasterLines>;
}

/**
 * The text that shall replace the file [REWRITE-LINES]: comments keep their place, lines are
 * reused, values equal to a server's default appear only where a line of theirs already stands.
 */
export function rewriteConfig(input: RewriteInput): string {
  return rewriteFile(input, null).text;
}

/** `before`: what made the old text, whose lines are used up. The new text does not depend on it. */
export function rewriteFile(input: RewriteInput, before: Rewritten | null): Rewritten {
  const { sentinel } = input;
  const lines = before?.lines ?? new RewriteLines(input.oldText);
  const style = masterStyle(lines, input);
  const isSameStyle = before !== null && style.elsewhere === null && sameData(before.style, style);
  const known = isSameStyle ? before.masters : null;
  const masters = sentinel.masters.map((master) =>
    masterLines(master, style, known?.get(master.name) ?? null),
  );
  if (before === null || !sameGeneric(before.input, input)) {
    rewriteGeneric(lines, input);
    rewriteUsers(lines, input);
    lines.forget("loadmodule");
  }
  rewriteSentinel(lines, sentinel, masters, style);
  const byName = new Map(masters.map((each) => [each.master.name, each]));
  return { text: lines.finish(), lines, input, style, masters: byName };
}

/** Whether all lines but those of `sentinel` directives would be written as they stand. */
export function sameGeneric(before: RewriteInput, now: RewriteInput): boolean {
  return (
    before.generic === now.generic &&
    before.loglevel === now.loglevel &&
    before.loglevelAtStart === now.loglevelAtStart &&
    before.workingDir === now.workingDir &&
    sameData(before.users, now.users) &&
    before.usersAtStart === now.usersAtStart
  );
}

function rewriteGeneric(lines: RewriteLines, input: RewriteInput): void {
  const { values: atStart, included } = input.generic;
  const values = new Map<string, DirectiveValue>(atStart);
  values.set("loglevel", input.loglevel).set("dir", input.workingDir);
  const isChanged = input.loglevel !== (input.loglevelAtStart ?? input.loglevel);
  for (const directive of DIRECTIVES) {
    const { name, sentinelDefault } = directive;
    if (included.directives.has(name) && !(name === "loglevel" && isChanged)) {
      rewriteIncluded(lines, directive, included.ownValues.get(name));
      continue;
    }
    writeDirective(lines, directive, values.get(name) ?? sentinelDefault, true);
  }
}

/** What an included file says is not said again; what the main file said beside it stays. */
function rewriteIncluded(
  lines: RewriteLines,
  directive: Directive,
  own: DirectiveValue | undefined,
): void {
  if (own !== undefined) writeDirective(lines, directive, own, false);
}

/** `mayAppend`: also where the file has no line of it. */
function writeDirective(
  lines: RewriteLines,
  directive: Directive,
  value: DirectiveValue,
  mayAppend: boolean,
): void {
  const { name } = directive;
  lines.forget(name);
  for (const { text, required } of directive.lines(value)) {
    const line = { option: name, text: `${spelling(directive, lines)} ${text}` };
    lines.write(line, required && mayAppend);
  }
}

/** C writes primary names only, and so makes files that older servers refuse. */
function spelling({ name, aliases }: Directive, lines: RewriteLines): string {
  if (!RECENT_NAMES.has(name) || lines.nextWord(name) === name) return name;
  return aliases[0] ?? name;
}

function rewriteUsers(lines: RewriteLines, input: RewriteInput): void {
  lines.forget("user");
  for (const user of writtenUsers(input)) lines.write({ option: "user", text: `user ${user}` });
}

/**
 * C writes all users, those of included files and of an included `requirepass` as well, and never
 * starts again. We write only what the main file declared or somebody changed.
 */
function writtenUsers({ users, usersAtStart, generic }: RewriteInput): readonly string[] {
  const { directives, users: included, ownUsers } = generic.included;
  if (users === null) return [];
  if (included.size === 0 && !directives.has("requirepass")) return users;
  const unchanged = new Set(usersAtStart ?? users);
  const changed = users.filter((line) => ownUsers.has(userName(line)) || !unchanged.has(line));
  const present = new Set(users.map(userName));
  const deleted = [...included.keys()].filter((name) => !present.has(name));
  return [...changed, ...deleted.map((name) => `${quoteArg(name)} ${POWERLESS}`)];
}

/** In the place of a user who was deleted, but whom an included file declares anew at each start. */
const POWERLESS = "off sanitize-payload resetchannels -@all";

function userName(line: string): string {
  return splitArgs(line)?.[0] ?? "";
}
