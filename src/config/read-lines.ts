import { checkUserRules } from "../acl/check-rules.ts";
import { NO_COMMANDS } from "../acl/commands.ts";
import type { PubsubDefault } from "../acl/user.ts";
import { splitArgs, trimLine } from "../base/tokenize.ts";
import type { ConfigError } from "./config-error.ts";
import type { Directive, DirectiveValue } from "./directive-kinds.ts";
import { FOREIGN_DIRECTIVES, findDirective, RETIRED_DIRECTIVES } from "./directives.ts";
import type { ConfigSource, SentinelLine } from "./source.ts";

/** The first stage of loading: lines to words, generic directives into effect, includes. */

/** What the generic directives said; opaque to all but this folder. */
export interface GenericValues {
  /** By primary name; absent: never given. */
  readonly values: ReadonlyMap<string, DirectiveValue>;
  readonly users: readonly (readonly string[])[];
  readonly renamedCommands: readonly (readonly [from: string, to: string])[];
  /** What included files say, which a rewrite cannot change and must not repeat. */
  readonly included: IncludedLines;
}

export interface IncludedLines {
  readonly sentinel: readonly SentinelLine[];
  /** Primary names of the generic directives that they give, each with the last file. */
  readonly directives: ReadonlyMap<string, string>;
  /** Names of the users that they declare, each with its file. */
  readonly users: ReadonlyMap<string, string>;
  /** Of the directives above, what the lines of the main file alone would make them. */
  readonly ownValues: ReadonlyMap<string, DirectiveValue>;
  /** Names of the users that the main file declares. */
  readonly ownUsers: ReadonlySet<string>;
}

export interface GenericDraft {
  readonly values: Map<string, DirectiveValue>;
  readonly users: string[][];
  readonly renamedCommands: [from: string, to: string][];
  /** In file order, includes in place. */
  readonly sentinelLines: SentinelLine[];
  readonly includedDirectives: Map<string, string>;
  readonly includedUsers: Map<string, string>;
  readonly ownValues: Map<string, DirectiveValue>;
  readonly ownUsers: Set<string>;
  /** Our own commands under their present names, for `rename-command`. */
  readonly commands: Set<string>;
}

/** What a Sentinel serves, for `rename-command`. */
const OWN_COMMANDS: readonly string[] = [
  ...["acl", "auth", "client", "command", "hello", "info", "ping", "psubscribe", "publish"],
  ...["punsubscribe", "role", "sentinel", "shutdown", "subscribe", "unsubscribe"],
];

export function newGenericDraft(): GenericDraft {
  return {
    values: new Map(),
    users: [],
    renamedCommands: [],
    sentinelLines: [],
    includedDirectives: new Map(),
    includedUsers: new Map(),
    ownValues: new Map(),
    ownUsers: new Set(),
    commands: new Set(OWN_COMMANDS),
  };
}

/** Deeper than any honest nesting; C follows a loop of includes until its stack ends. */
const MAX_INCLUDE_DEPTH = 32;
const MAX_INCLUDES = 10_000;

interface Reading {
  readonly source: ConfigSource;
  readonly draft: GenericDraft;
  includes: number;
}

/** A line, and where it stands. */
interface Line {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly depth: number;
}

/** Reads the file and what is appended to it into the draft. */
export function readLines(source: ConfigSource, draft: GenericDraft): ConfigError | null {
  const reading: Reading = { source, draft, includes: 0 };
  return readAll(reading, mainLines(source));
}

function readAll(reading: Reading, lines: Iterable<Line>): ConfigError | null {
  for (const line of lines) {
    const error = readLine(reading, line);
    if (error !== null) return error;
  }
  return null;
}

/** The lines of the main file, then those appended, counted on as in C. */
function* mainLines(source: ConfigSource): Generator<Line> {
  let number = 1;
  yield* numbered(source.path, source.text, number, 0);
  let previous = source.text;
  number += newlinesIn(previous);
  for (const { origin, text } of source.appended) {
    // Options always begin a new line, which leaves an empty one behind a final newline.
    if (origin === "options" || (previous !== "" && !previous.endsWith("\n"))) number++;
    yield* numbered(ORIGINS[origin], text, number, 0);
    number += newlinesIn(text);
    previous = text === "" ? previous : text;
  }
}

const ORIGINS = { stdin: "(standard input)", options: "(command line)" } as const;

function* numbered(file: string, text: string, first: number, depth: number): Generator<Line> {
  let line = first;
  for (const raw of text.split("\n")) yield { file, line: line++, text: trimLine(raw), depth };
}

function newlinesIn(text: string): number {
  return text.split("\n").length - 1;
}

function readLine(reading: Reading, line: Line): ConfigError | null {
  if (line.text === "" || line.text.startsWith("#")) return null;
  const words = splitArgs(line.text);
  if (words === null) return failure(line, "Unbalanced quotes in configuration line");
  const [name, ...args] = words;
  if (name === undefined) return null;
  const key = name.toLowerCase();
  if (key === "include" && args.length === 1) return include(reading, line, args[0] ?? "");
  const reason =
    key === "sentinel"
      ? queueSentinel(reading, line, args)
      : applyGeneric(reading, line, key, args);
  return reason === null ? null : failure(line, reason);
}

function failure({ file, line, text }: Line, reason: string): ConfigError {
  return { kind: "directive", file, line, text, reason };
}

/** A bare `sentinel` selects the mode of a server and says nothing here. */
function queueSentinel(reading: Reading, line: Line, words: readonly string[]): null {
  const { file, text, depth } = line;
  const queued = { file, line: line.line, text, words, included: depth > 0 };
  if (words.length > 0) reading.draft.sentinelLines.push(queued);
  return null;
}

function applyGeneric(
  reading: Reading,
  line: Line,
  name: string,
  args: readonly string[],
): string | null {
  const directive = findDirective(name);
  if (directive === undefined) return applyFileOnly(reading, line, name, args);
  if (!directive.multi && args.length !== 1) return "wrong number of arguments";
  const { values } = reading.draft;
  const current = values.get(directive.name) ?? directive.sentinelDefault;
  const words = directive.multi ? splitSingle(args) : args;
  const parsed = directive.parse(words, current);
  if (!parsed.ok) return parsed.reason;
  if (directive.name === "dir") {
    const strerror = reading.source.changeDir?.(args[0] ?? "") ?? null;
    if (strerror !== null) return strerror;
  }
  values.set(directive.name, parsed.value);
  noteOrigin(reading.draft, line, directive, words);
  return null;
}

/** What the main file alone says is what a rewrite may write of a directive that is included, too. */
function noteOrigin(
  { includedDirectives, ownValues }: GenericDraft,
  { depth, file }: Line,
  { name, sentinelDefault, parse }: Directive,
  words: readonly string[],
): void {
  if (depth > 0) {
    includedDirectives.set(name, file);
    return;
  }
  const own = parse(words, ownValues.get(name) ?? sentinelDefault);
  if (own.ok) ownValues.set(name, own.value);
}

/** A list may also be given as one quoted word. */
function splitSingle(args: readonly string[]): readonly string[] {
  const [only] = args;
  return args.length === 1 && only !== undefined && only !== "" ? only.split(" ") : args;
}

/** Directives that exist only in files: CONFIG SET of a server does not know them. */
function applyFileOnly(
  reading: Reading,
  line: Line,
  name: string,
  args: readonly string[],
): string | null {
  const unknown = "Bad directive or wrong number of arguments";
  if (RETIRED_DIRECTIVES.has(name)) return args.length === 1 ? null : unknown;
  if (FOREIGN_DIRECTIVES.has(name) && args.length > 0) return null;
  if (name === "rename-command" && args.length === 2) return renameCommand(reading.draft, args);
  if (name === "user" && args.length > 0) return declareUser(reading, line, args);
  if (name === "loadmodule" && args.length > 0) return null;
  if (!name.includes(".")) return unknown;
  return args.length > 0 ? null : "Module config specified without value";
}

function renameCommand(draft: GenericDraft, [from = "", to = ""]: readonly string[]) {
  if (!draft.commands.delete(from.toLowerCase())) return "No such command in rename-command";
  if (draft.commands.has(to.toLowerCase())) return "Target command name already exists";
  if (to !== "") draft.commands.add(to.toLowerCase());
  draft.renamedCommands.push([from, to]);
  return null;
}

/**
 * C refuses a user that is declared twice, and after its first rewrite every user of an included
 * file is. For us what the main file says of it counts.
 */
function declareUser(
  { draft, source }: Reading,
  line: Line,
  words: readonly string[],
): string | null {
  const [name = "", ...rules] = words;
  const failed = (word: string, reason: string) => `Error in user declaration '${word}': ${reason}`;
  const isIncluded = line.depth > 0;
  if (isIncluded ? draft.includedUsers.has(name) : draft.ownUsers.has(name)) {
    return failed(name, "Duplicate user found. A user can only be defined once in config files");
  }
  const pubsubDefault = pubsubDefaultSoFar(draft);
  const bad = checkUserRules({ commands: source.commands ?? NO_COMMANDS, pubsubDefault }, rules);
  // C shows the word two places before the one at fault; we keep its text.
  if (bad !== null) return failed(["user", ...words][bad.index] ?? bad.rule, bad.reason);
  if (isIncluded) draft.includedUsers.set(name, line.file);
  else draft.ownUsers.add(name);
  const known = draft.users.findIndex(([other]) => other === name);
  if (known < 0) draft.users.push([...words]);
  else if (!isIncluded) draft.users[known] = [...words];
  return null;
}

/** As in C, a line above the user has its effect on the check, and one below has not. */
function pubsubDefaultSoFar({ values }: GenericDraft): PubsubDefault {
  return values.get("acl-pubsub-default") === "allchannels" ? "allchannels" : "resetchannels";
}

function include(reading: Reading, line: Line, pattern: string): ConfigError | null {
  const isPattern = /[*?[]/.test(pattern);
  const paths = isPattern ? reading.source.glob(pattern) : [pattern];
  for (const path of paths) {
    if (line.depth >= MAX_INCLUDE_DEPTH || ++reading.includes > MAX_INCLUDES) {
      return failure(line, "Too many nested includes, a file probably includes itself");
    }
    const error = includeFile(reading, line, path);
    if (error !== null) return error;
  }
  return null;
}

function includeFile(reading: Reading, line: Line, path: string): ConfigError | null {
  const read = reading.source.readFile(path);
  if (read.ok) return readAll(reading, numbered(path, read.text, 1, line.depth + 1));
  const reason = `Fatal error, can't open config file '${path}': ${read.strerror}`;
  return { ...failure(line, reason), kind: "open" };
}
