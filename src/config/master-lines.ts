import { quoteArg } from "../base/tokenize.ts";
import type { HostPort, MasterConfig } from "../core/config.ts";
import {
  DEFAULT_SETTINGS,
  type MasterSettings,
  type SettingField,
  wordOf,
} from "../core/master-settings.ts";
import type { IncludedState } from "./included.ts";
import type { OptionLine } from "./rewrite-lines.ts";
import { sameData } from "./same-data.ts";
import { SETTING_OPTIONS } from "./sentinel-directives.ts";

/** On what else than its state the lines of a master depend, and how they are read. */
export interface MasterStyle {
  /** What included files say, which is not said again; null: nothing. */
  readonly elsewhere: IncludedState | null;
  /** Options that have a line in Valkey's word, which they keep. */
  readonly asValkey: readonly string[];
  /** Whether a host may be a name. */
  readonly resolveHostnames: boolean;
}

/** A master as it stands in the file. */
export interface MasterLines {
  readonly master: MasterConfig;
  /** In the order of writing, none twice. */
  readonly lines: readonly OptionLine[];
  readonly replicas: readonly KnownLine<Replica>[];
  readonly sentinels: readonly KnownLine<Peer>[];
}

type Replica = MasterConfig["replicas"][number];
type Peer = MasterConfig["sentinels"][number];

interface KnownLine<T extends HostPort> {
  readonly known: T;
  readonly line: OptionLine;
}

/**
 * The lines of a master; `before` are those of an earlier state of it, in the same style. They are
 * taken over if nothing changed, else those of replicas and Sentinels that stand where they stood:
 * there may be thousands.
 */
export function masterLines(
  master: MasterConfig,
  style: MasterStyle,
  before: MasterLines | null,
): MasterLines {
  if (before !== null && sameData(before.master, master)) return before;
  const { name, settings } = master;
  const replicas = knownLines(master.replicas, before?.replicas, ({ host, port }) =>
    sentinelLine("sentinel known-replica", [name, host, String(port)]),
  );
  const sentinels = knownLines(master.sentinels, before?.sentinels, ({ host, port, runId }) =>
    sentinelLine("sentinel known-sentinel", [name, host, String(port), runId]),
  );
  const theirs = theirLines(name, style);
  const lines = [
    ...settingLines(master, style),
    ...[...replicas, ...sentinels].map(({ line }) => line),
    ...settings.renamedCommands.map((names) =>
      sentinelLine("sentinel rename-command", [name, ...names]),
    ),
  ].filter(({ text }) => !theirs.has(text));
  return { master, lines: withoutRepeated(lines), replicas, sentinels };
}

/** A list of the main file goes on where that of an included file ends: C refuses what is in both. */
function theirLines(name: string, { elsewhere }: MasterStyle): ReadonlySet<string> {
  const master = elsewhere?.masters.get(name);
  if (master === undefined) return new Set();
  const known = [
    ...master.replicas.map(({ host, port }) => ["known-replica", name, host, String(port)]),
    ...master.sentinels.map((each) => [
      "known-sentinel",
      name,
      each.host,
      `${each.port}`,
      each.runId,
    ]),
    ...master.settings.renamedCommands.map((names) => ["rename-command", name, ...names]),
  ];
  return new Set(known.map(([option, ...words]) => sentinelLine(`sentinel ${option}`, words).text));
}

/** What `now` has and `before` has not: its lines, and the master as they alone describe it. */
export function newPart(
  now: MasterLines,
  before: MasterLines | null,
): Pick<MasterLines, "master" | "lines"> {
  const old = new Set(before?.lines);
  const newOnes = <T extends HostPort>(all: readonly KnownLine<T>[]): T[] =>
    all.filter(({ line }) => !old.has(line)).map(({ known }) => known);
  return {
    lines: now.lines.filter((line) => !old.has(line)),
    master: {
      ...now.master,
      replicas: newOnes(now.replicas),
      sentinels: newOnes(now.sentinels),
    },
  };
}

/** A line of the option, with quotes around whatever could not stand alone [D-QUOTES]. */
export function sentinelLine(option: string, words: readonly string[]): OptionLine {
  return { option, text: [option, ...words.map(quoteArg)].join(" ") };
}

/** In the order of a C Sentinel [REWRITE-LINES]. */
function settingLines(master: MasterConfig, style: MasterStyle): OptionLine[] {
  const { name, host, port, settings } = master;
  const lines: OptionLine[] = [];
  const put = (option: string, value: string) => lines.push(sentinelLine(option, [name, value]));
  if (host !== "" && !isMonitoredElsewhere(master, style)) {
    const words = [name, host, String(port), String(settings.quorum)];
    lines.push(sentinelLine("sentinel monitor", words));
  }
  for (const { field, redis, valkey } of SETTING_OPTIONS) {
    const option = valkey !== null && style.asValkey.includes(valkey) ? valkey : redis;
    if (settings[field] === silentValue(style, option, name, field)) continue;
    const word = wordOf(settings, field);
    if (word !== null) put(option, word);
  }
  put("sentinel config-epoch", String(master.configEpoch));
  put("sentinel leader-epoch", String(master.leaderEpoch));
  return lines;
}

/** What the next start takes when the main file has no line of the option. */
function silentValue<K extends SettingField>(
  { elsewhere }: MasterStyle,
  option: string,
  name: string,
  field: K,
): MasterSettings[K] {
  const theirs = elsewhere?.masters.get(name);
  const isTheirs = theirs !== undefined && elsewhere?.isTheirsAlone(option, name);
  return (isTheirs ? theirs.settings : DEFAULT_SETTINGS)[field];
}

/** A second monitor line would stop a C Sentinel; only a master that has moved needs one. */
function isMonitoredElsewhere(master: MasterConfig, { elsewhere }: MasterStyle): boolean {
  const { name, host, port, settings } = master;
  if (!elsewhere?.monitored.has(name)) return false;
  const theirs = elsewhere.masters.get(name);
  if (theirs?.host !== host || theirs.port !== port) return false;
  return (
    theirs.settings.quorum === settings.quorum && elsewhere.isTheirsAlone("sentinel monitor", name)
  );
}

/** An address without a host would keep the file from ever loading again. */
function knownLines<T extends HostPort>(
  all: readonly T[],
  before: readonly KnownLine<T>[] = [],
  write: (known: T) => OptionLine,
): KnownLine<T>[] {
  return all
    .filter(({ host }) => host !== "")
    .map((known, at) => {
      const old = before[at];
      if (old !== undefined && sameData(old.known, known)) return old;
      return { known, line: write(known) };
    });
}

function withoutRepeated(lines: readonly OptionLine[]): OptionLine[] {
  const seen = new Set<string>();
  return lines.filter(({ text }) => !seen.has(text) && seen.add(text));
}
