import type { SentinelConfig } from "../core/config.ts";
import type { LogThreshold } from "../core/effect.ts";
import type { Directive, DirectiveValue } from "./directive-kinds.ts";
import { DIRECTIVES, RECENT_NAMES } from "./directives.ts";
import type { GenericValues } from "./read-lines.ts";
import { RewriteLines } from "./rewrite-lines.ts";
import { rewriteSentinel } from "./rewrite-sentinel.ts";

export interface RewriteInput {
  /** What the file holds now, not at start; empty if it is gone. */
  readonly oldText: string;
  readonly generic: GenericValues;
  /** Canonical `user` lines without that word, sorted by name; null: they are in an ACL file. */
  readonly users: readonly string[] | null;
  readonly sentinel: SentinelConfig;
  readonly loglevel: LogThreshold;
  /** The absolute current directory. */
  readonly workingDir: string;
}

/**
 * The text that shall replace the file (wire.md 4.2): comments keep their place, lines are
 * reused, values equal to a server's default appear only where a line of theirs already stands.
 */
export function rewriteConfig(input: RewriteInput): string {
  const lines = new RewriteLines(input.oldText);
  rewriteGeneric(lines, input);
  rewriteUsers(lines, input.users);
  lines.forget("loadmodule");
  const explicit = input.generic.includedSentinel.length > 0;
  rewriteSentinel(lines, input.sentinel, explicit);
  return lines.text();
}

function rewriteGeneric(lines: RewriteLines, input: RewriteInput): void {
  const values = new Map<string, DirectiveValue>(input.generic.values);
  values.set("loglevel", input.loglevel).set("dir", input.workingDir);
  for (const directive of DIRECTIVES) {
    const { name, sentinelDefault } = directive;
    lines.forget(name);
    for (const { text, required } of directive.lines(values.get(name) ?? sentinelDefault)) {
      lines.write(name, `${spelling(directive, lines)} ${text}`, required);
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
  for (const user of users ?? []) lines.write("user", `user ${user}`);
}
