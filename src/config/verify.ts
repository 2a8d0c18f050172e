import type { HostPort, MasterConfig, SentinelConfig } from "../core/config.ts";
import type { RenamedCommands } from "../core/master-settings.ts";
import type { ConfigError } from "./config-error.ts";
import { withIncluded } from "./included.ts";
import { loadSentinel } from "./load.ts";
import { type GenericValues, newGenericDraft, readLines } from "./read-lines.ts";
import { sameData } from "./same-data.ts";
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
  const included = input.generic.included.sentinel;
  const all = loadSentinel([...included, ...read.lines], anyScript);
  if (!all.ok) return doesNotLoad(all.error);
  const difference = findDifference(all.config, withIncluded(input.expected, included, all.config));
  return difference === null
    ? null
    : { message: `The new file would lose ${difference}`, cause: null };
}

/** The line may hold a password: for the log its number and its first words have to do. */
function doesNotLoad(cause: ConfigError): VerifyError {
  const place = cause.line === 0 ? "" : ` at line ${cause.line} ('${beginning(cause.text)} ...')`;
  const reason = cause.reason.replace(/'.*'/s, "'...'");
  return { message: `The new file would not load${place}: ${reason}`, cause };
}

/** `sentinel auth-pass`, but of `requirepass` and its like no more than that word. */
function beginning(line: string): string {
  const [name = "", subject = ""] = line.split(/\s+/);
  return name.toLowerCase() === "sentinel" ? `${name} ${subject}` : name;
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

/** The first thing in which the two differ; the order of lines in the file carries no meaning. */
function findDifference(found: SentinelConfig, expected: SentinelConfig): string | null {
  if (!sameSettings(found, expected)) return "a setting of the Sentinel itself";
  const foundMasters = new Map(found.masters.map((master) => [master.name, master]));
  for (const master of expected.masters) {
    const same = sameMaster(foundMasters.get(master.name), master);
    if (!same) return `the state of master '${master.name}'`;
    foundMasters.delete(master.name);
  }
  const [removed] = foundMasters.keys();
  return removed === undefined ? null : `the removal of master '${removed}'`;
}

function sameSettings(found: SentinelConfig, expected: SentinelConfig): boolean {
  const { masters: _, currentEpoch, announceIp, sentinelUser, sentinelPass, ...rest } = expected;
  const texts = { announceIp, sentinelUser, sentinelPass };
  return (
    found.currentEpoch === greatestEpoch(expected) &&
    keysOf(rest).every((key) => found[key] === rest[key]) &&
    keysOf(texts).every((key) => found[key] === (texts[key] || null))
  );
}

/** Loading raises the current epoch to the greatest epoch of a master. */
function greatestEpoch({ currentEpoch, masters }: SentinelConfig): bigint {
  let greatest = currentEpoch;
  for (const { configEpoch } of masters) if (configEpoch > greatest) greatest = configEpoch;
  return greatest;
}

function sameMaster(found: MasterConfig | undefined, expected: MasterConfig): boolean {
  if (found === undefined) return false;
  if (sameData(found, expected)) return true;
  const { replicas, sentinels, settings, ...rest } = expected;
  const { renamedCommands, ...values } = settings;
  return (
    keysOf(rest).every((key) => found[key] === rest[key]) &&
    keysOf(values).every((key) => found.settings[key] === values[key]) &&
    sameEntries(found.replicas.map(addressKey), replicas.filter(hasHost).map(addressKey)) &&
    sameEntries(found.sentinels.map(peerKey), sentinels.filter(hasHost).map(peerKey)) &&
    sameEntries(found.settings.renamedCommands.map(renameKey), renamedCommands.map(renameKey))
  );
}

function sameEntries(found: readonly string[], expected: readonly string[]): boolean {
  const wanted = new Set(expected);
  return found.length === wanted.size && found.every((entry) => wanted.has(entry));
}

function hasHost({ host }: HostPort): boolean {
  return host !== "";
}

function addressKey({ host, port }: HostPort): string {
  return `${port} ${host}`;
}

/** The length tells where an id of arbitrary bytes ends. */
function peerKey({ host, port, runId }: MasterConfig["sentinels"][number]): string {
  return `${runId.length} ${runId} ${port} ${host}`;
}

function renameKey([from, to]: RenamedCommands[number]): string {
  return `${from.length} ${from} ${to}`;
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  return Object.keys(value) as (keyof T)[];
}
