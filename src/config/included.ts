import { splitArgs } from "../base/tokenize.ts";
import { EMPTY_SENTINEL_CONFIG, type MasterConfig, type SentinelConfig } from "../core/config.ts";
import {
  MASTER_SETTINGS,
  type MasterSettings,
  SETTING_FIELDS,
  type SettingField,
  withSetting,
  wordOf,
} from "../core/master-settings.ts";
import type { Epoch } from "../core/state.ts";
import { lowerAscii } from "../core/text.ts";
import { loadSentinel } from "./load.ts";
import { subjectOf } from "./overridden.ts";
import type { IncludedLines } from "./read-lines.ts";
import type { RewriteLines } from "./rewrite-lines.ts";
import { passOf } from "./sentinel-directives.ts";
import type { SentinelLine } from "./source.ts";

/**
 * What the `sentinel` lines of included files make without the main file. A value of theirs is not
 * repeated in the main file unless that has a line for it already or somebody changed the value:
 * else a later edit of the included file, such as a new password, would have no effect [D-INCLUDED].
 */
export interface IncludedState {
  /** Their settings of the Sentinel itself. */
  readonly globals: SentinelConfig;
  /** What they say of each master that we watch, by name. */
  readonly masters: ReadonlyMap<string, MasterConfig>;
  /** The masters that they monitor. */
  readonly monitored: ReadonlySet<string>;
  /** Whether an included file has such a line and the main file has none. */
  isTheirsAlone(option: string, master?: string): boolean;
}

/** Null: no included file has `sentinel` lines. */
export function includedState(
  { sentinel: lines }: IncludedLines,
  now: SentinelConfig,
  file: RewriteLines,
): IncludedState | null {
  if (lines.length === 0) return null;
  const monitored = monitoredBy(lines);
  const theirs = new Set(lines.map(({ words }) => subjectOf(words)));
  const own = new Set(file.ofOptions(isSentinelOption).map(ownKey));
  return {
    globals: globalsOf(lines),
    masters: mastersOf(lines, monitored, now),
    monitored,
    isTheirsAlone(option, master) {
      const key = master === undefined ? option : `${option} ${master}`;
      return theirs.has(key) && !own.has(key);
    },
  };
}

/** The lines with each name of a host as our own file would write it, to be compared with the state. */
export function asWritten(
  lines: readonly SentinelLine[],
  written: ReadonlyMap<string, string>,
): readonly SentinelLine[] {
  if (written.size === 0) return lines;
  return lines.map((line) => {
    const [option = "", name = "", given = "", port = "", ...rest] = line.words;
    const host = written.get(`${lowerAscii(given)} ${Number(port)}`);
    if (host === undefined || !NAMING_HOSTS.test(option)) return line;
    return { ...line, words: [option, name, host, port, ...rest] };
  });
}

const NAMING_HOSTS = /^(monitor|known-(replica|slave|sentinel))$/i;

function isSentinelOption(option: string): boolean {
  return option.startsWith("sentinel ");
}

function ownKey(line: string): string {
  return subjectOf((splitArgs(line) ?? []).slice(1));
}

function monitoredBy(lines: readonly SentinelLine[]): ReadonlySet<string> {
  const monitors = lines.filter(({ words }) => passOf(words[0] ?? "") === "monitor");
  return new Set(monitors.map(({ words }) => words[1] ?? ""));
}

function globalsOf(lines: readonly SentinelLine[]): SentinelConfig {
  const global = lines.filter(({ words }) => passOf(words[0] ?? "") === "global");
  const loaded = loadSentinel(global, () => true);
  return loaded.ok ? loaded.config : EMPTY_SENTINEL_CONFIG;
}

/** Of the masters at hand, those that the main file monitors as they are now. */
function mastersOf(
  lines: readonly SentinelLine[],
  monitored: ReadonlySet<string>,
  now: SentinelConfig,
): ReadonlyMap<string, MasterConfig> {
  const names = new Set(now.masters.map(({ name }) => name));
  const ours = now.masters
    .filter(({ name }) => !monitored.has(name))
    .map(({ name, host, port, settings: { quorum } }) => {
      return ["monitor", name, host, `${port}`, `${quorum}`];
    });
  const theirs = lines
    .filter(({ words }) => passOf(words[0] ?? "") !== "global" && names.has(words[1] ?? ""))
    .map(({ words }) => words);
  const resolve = ["resolve-hostnames", now.resolveHostnames ? "yes" : "no"];
  const all = [resolve, ...ours, ...theirs].map(lineOf);
  const loaded = loadSentinel(all, () => true);
  return new Map(loaded.ok ? loaded.config.masters.map((each) => [each.name, each]) : []);
}

function lineOf(words: readonly string[]): SentinelLine {
  return { file: "", line: 0, text: "", words, included: true };
}

/**
 * What a start with the included files makes of the state, whatever became of their lines since:
 * masters that were removed are in `loaded` again, forgotten replicas and Sentinels come back, and
 * so does what no line can take back: a script, an announced address.
 */
export function withIncluded(
  state: SentinelConfig,
  lines: readonly SentinelLine[],
  loaded: SentinelConfig,
): SentinelConfig {
  if (lines.length === 0) return state;
  const globals = globalsOf(lines);
  const monitored = monitoredBy(lines);
  const theirs = mastersOf(lines, monitored, state);
  const names = new Set(state.masters.map(({ name }) => name));
  const again = loaded.masters.filter(({ name }) => monitored.has(name) && !names.has(name));
  const epochs = [...theirs.values()].map(({ configEpoch }) => configEpoch);
  return {
    ...state,
    currentEpoch: greatest([state.currentEpoch, globals.currentEpoch, ...epochs]),
    announceIp: state.announceIp || globals.announceIp,
    sentinelUser: state.sentinelUser || globals.sentinelUser,
    sentinelPass: state.sentinelPass || globals.sentinelPass,
    masters: [...state.masters.map((each) => withTheirs(each, theirs.get(each.name))), ...again],
  };
}

function greatest(epochs: readonly Epoch[]): Epoch {
  return epochs.reduce((most, epoch) => (epoch > most ? epoch : most), 0n);
}

function withTheirs(master: MasterConfig, theirs: MasterConfig | undefined): MasterConfig {
  if (theirs === undefined) return master;
  const ids = new Set(master.sentinels.map(({ runId }) => runId));
  return {
    ...master,
    settings: settingsWithTheirs(master.settings, theirs.settings),
    replicas: [...master.replicas, ...theirs.replicas],
    sentinels: [...master.sentinels, ...theirs.sentinels.filter(({ runId }) => !ids.has(runId))],
  };
}

function settingsWithTheirs(own: MasterSettings, theirs: MasterSettings): MasterSettings {
  const names = new Set(own.renamedCommands.map(([from]) => from.toLowerCase()));
  const others = theirs.renamedCommands.filter(([from]) => !names.has(from.toLowerCase()));
  const renamedCommands = [...own.renamedCommands, ...others];
  return SETTING_FIELDS.reduce<MasterSettings>(
    (all, field) => withSetting(all, field, valueWithTheirs(field, own, theirs)),
    { ...own, renamedCommands },
  );
}

/** What our line makes of it; theirs, if no line can say ours. */
function valueWithTheirs<K extends SettingField>(
  field: K,
  own: MasterSettings,
  theirs: MasterSettings,
): MasterSettings[K] {
  if (own[field] === theirs[field]) return own[field];
  const word = wordOf(own, field);
  if (word === null) return theirs[field];
  const read = MASTER_SETTINGS[field].fromFile(word, () => true);
  return "value" in read ? read.value : own[field];
}
