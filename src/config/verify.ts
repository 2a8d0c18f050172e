import type { HostPort, MasterConfig, SentinelConfig } from "../core/config.ts";
import type { ConfigError } from "./config-error.ts";
import { loadSentinel, type SentinelResult } from "./load.ts";
import { type GenericValues, newGenericDraft, readLines } from "./read-lines.ts";
import type { SentinelLine } from "./source.ts";

/** Why a text must not replace the file. */
export interface VerifyError {
  /** A sentence for the log. */
  readonly message: string;
  /** The line that would stop the next start, if it is one. */
  readonly cause: ConfigError | null;
}

export interface VerifyInput {
  /** The file's path, for messages. */
  readonly path: string;
  readonly text: string;
  readonly expected: SentinelConfig;
  readonly generic: GenericValues;
}

/**
 * Whether the text would start a Sentinel again with the same state; null if so. A file that does
 * not load is worse than one that is a little old.
 */
export function verifyRewritten(input: VerifyInput): VerifyError | null {
  const read = readBack(input);
  if (!read.ok) return doesNotLoad(read.error);
  const own = loadSentinel(read.lines, anyScript);
  if (!own.ok) return doesNotLoad(own.error);
  const difference = findDifference(normalize(own.config), normalize(input.expected));
  if (difference !== null) return { message: `The new file would lose ${difference}`, cause: null };
  const all = withIncluded(read.lines, input.generic.includedSentinel);
  return all.ok ? null : doesNotLoad(all.error);
}

function doesNotLoad(cause: ConfigError): VerifyError {
  const place = cause.line === 0 ? "" : ` at line ${cause.line} ('${cause.text}')`;
  return { message: `The new file would not load${place}: ${cause.reason}`, cause };
}

type ReadBack =
  | { readonly ok: true; readonly lines: readonly SentinelLine[] }
  | { readonly ok: false; readonly error: ConfigError };

/** Included files were read at start, so here they count as empty. */
function readBack({ path, text }: VerifyInput): ReadBack {
  const draft = newGenericDraft();
  const nothing = () => ({ ok: true, text: "" }) as const;
  const source = { path, text, appended: [], readFile: nothing, glob: () => [] };
  const error = readLines({ ...source, isExecutable: anyScript }, draft);
  return error === null ? { ok: true, lines: draft.sentinelLines } : { ok: false, error };
}

/** A script that vanished while we run is no reason to lose an epoch. */
function anyScript(): boolean {
  return true;
}

function withIncluded(own: readonly SentinelLine[], included: readonly SentinelLine[]) {
  if (included.length > 0) return loadSentinel([...included, ...own], anyScript);
  return { ok: true } satisfies Pick<SentinelResult, "ok">;
}

/** A comparable text per topic; the order of lines in the file carries no meaning. */
type Normalized = ReadonlyMap<string, string>;

function normalize(config: SentinelConfig): Normalized {
  const topics = new Map<string, string>();
  const { masters, ...rest } = config;
  let currentEpoch = config.currentEpoch;
  // Loading raises it to the greatest epoch of a master.
  for (const { configEpoch } of masters) if (configEpoch > currentEpoch) currentEpoch = configEpoch;
  const unset = (text: string | null) => (text === "" ? null : text);
  topics.set(
    "a setting of the Sentinel itself",
    show({
      ...rest,
      currentEpoch,
      announceIp: unset(config.announceIp),
      sentinelUser: unset(config.sentinelUser),
      sentinelPass: unset(config.sentinelPass),
    }),
  );
  for (const master of masters) {
    topics.set(`the state of master '${master.name}'`, normalizeMaster(master));
  }
  return topics;
}

function normalizeMaster(master: MasterConfig): string {
  const addressed = <T extends HostPort>(all: readonly T[]) =>
    all.filter(({ host }) => host !== "").map(show);
  return show({
    ...master,
    replicas: [...new Set(addressed(master.replicas))].sort(),
    sentinels: [...new Set(addressed(master.sentinels))].sort(),
    renamedCommands: master.renamedCommands.map(show).sort(),
  });
}

/** JSON with the keys sorted, so that only values differ. */
function show(value: object): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "bigint") return part.toString();
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function findDifference(found: Normalized, expected: Normalized): string | null {
  const topics = new Set([...expected.keys(), ...found.keys()]);
  for (const topic of topics) if (found.get(topic) !== expected.get(topic)) return topic;
  return null;
}
