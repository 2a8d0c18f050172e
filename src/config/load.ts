import type { SentinelConfig } from "../core/config.ts";
import type { ConfigError } from "./config-error.ts";
import { overriddenLines } from "./overridden.ts";
import {
  type GenericDraft,
  type GenericValues,
  type IncludedLines,
  newGenericDraft,
  readLines,
} from "./read-lines.ts";
import { applySentinelLine, PASSES, type Pass, passOf } from "./sentinel-directives.ts";
import { finishDraft, newDraft } from "./sentinel-draft.ts";
import type { ServerConfig } from "./server-config.ts";
import type { ConfigSource, SentinelLine } from "./source.ts";
import { toServerConfig } from "./to-server-config.ts";

export interface LoadedConfig {
  readonly sentinel: SentinelConfig;
  readonly server: ServerConfig;
  /** What rewrite.ts needs of the generic directives. */
  readonly generic: GenericValues;
  /**
   * Sentences for the log, without their end: lines of included files that have no effect, since
   * the main file wins, and values that are not taken to the letter.
   */
  readonly warnings: readonly string[];
}

export type LoadResult =
  | { readonly ok: true; readonly config: LoadedConfig }
  | { readonly ok: false; readonly error: ConfigError };

/** Text to configuration: generic directives in file order, then the `sentinel` lines by pass. */
export function loadConfig(source: ConfigSource): LoadResult {
  const draft: GenericDraft = newGenericDraft();
  const error = readLines(source, draft);
  if (error !== null) return { ok: false, error };
  const sentinel = loadSentinel(draft.sentinelLines, (path) => source.isExecutable(path));
  if (!sentinel.ok) return sentinel;
  const { values, users, renamedCommands } = draft;
  const generic: GenericValues = { values, users, renamedCommands, included: includedOf(draft) };
  const config = { sentinel: sentinel.config, server: toServerConfig(generic), generic };
  const warnings = [...sentinel.warnings, ...overriddenLines(draft)];
  return { ok: true, config: { ...config, warnings } };
}

function includedOf(draft: GenericDraft): IncludedLines {
  return {
    sentinel: draft.sentinelLines.filter((line) => line.included),
    directives: draft.includedDirectives,
    users: draft.includedUsers,
    ownValues: draft.ownValues,
    ownUsers: draft.ownUsers,
  };
}

type SentinelResult =
  | {
      readonly ok: true;
      readonly config: SentinelConfig;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly error: ConfigError };

/**
 * The `sentinel` lines to state. Within a pass the included files come first, so that the main
 * file, which alone is rewritten, has the last word.
 */
export function loadSentinel(
  lines: readonly SentinelLine[],
  isExecutable: (path: string) => boolean,
): SentinelResult {
  const draft = newDraft();
  const warnings: string[] = [];
  for (const line of inOrderOfEffect(lines)) {
    const context = {
      ...{ draft, isExecutable, included: line.included },
      warn: (sentence: string) => warnings.push(`${line.file}, line ${line.line}: ${sentence}`),
    };
    const reason = applySentinelLine(context, line.words);
    if (reason !== null) return { ok: false, error: { kind: "directive", ...line, reason } };
  }
  return { ok: true, config: finishDraft(draft), warnings };
}

function inOrderOfEffect(lines: readonly SentinelLine[]): SentinelLine[] {
  const byPass: Record<Pass, SentinelLine[]> = { global: [], monitor: [], master: [] };
  const put = (line: SentinelLine) => byPass[passOf(line.words[0] ?? "")].push(line);
  for (const line of lines) if (line.included) put(line);
  for (const line of lines) if (!line.included) put(line);
  return PASSES.flatMap((pass) => byPass[pass]);
}
