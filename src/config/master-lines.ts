import {
  DEFAULT_DOWN_AFTER_MS,
  DEFAULT_FAILOVER_TIMEOUT_MS,
  DEFAULT_PARALLEL_SYNCS,
  type HostPort,
  type MasterConfig,
} from "../core/config.ts";
import type { OptionLine } from "./rewrite-lines.ts";
import { sameData } from "./same-data.ts";
import { quoteArg } from "./tokenize.ts";

/** On what else than its state the lines of a master depend, and how they are read. */
export interface MasterStyle {
  /** Values equal to their default are written, too. */
  readonly explicit: boolean;
  readonly rebootOption: string;
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
  const { name, renamedCommands } = master;
  const replicas = knownLines(master.replicas, before?.replicas, ({ host, port }) =>
    sentinelLine("sentinel known-replica", [name, host, String(port)]),
  );
  const sentinels = knownLines(master.sentinels, before?.sentinels, ({ host, port, runId }) =>
    sentinelLine("sentinel known-sentinel", [name, host, String(port), runId]),
  );
  const lines = [
    ...settingLines(master, style),
    ...[...replicas, ...sentinels].map(({ line }) => line),
    ...renamedCommands.map((names) => sentinelLine("sentinel rename-command", [name, ...names])),
  ];
  return { master, lines: withoutRepeated(lines), replicas, sentinels };
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

/** A line of the option, with quotes around whatever could not stand alone. */
export function sentinelLine(option: string, words: readonly string[]): OptionLine {
  return { option, text: [option, ...words.map(quoteArg)].join(" ") };
}

function settingLines(master: MasterConfig, { explicit, rebootOption }: MasterStyle): OptionLine[] {
  const { name, host, port, quorum } = master;
  const lines: OptionLine[] = [];
  const text = (option: string, value: string | null) => {
    if (value !== null) lines.push(sentinelLine(option, [name, value]));
  };
  const number = (option: string, value: number, byDefault: number) => {
    if (value !== byDefault || explicit) text(option, String(value));
  };
  if (host !== "") {
    lines.push(sentinelLine("sentinel monitor", [name, host, String(port), String(quorum)]));
  }
  number("sentinel down-after-milliseconds", master.downAfterMs, DEFAULT_DOWN_AFTER_MS);
  number("sentinel failover-timeout", master.failoverTimeoutMs, DEFAULT_FAILOVER_TIMEOUT_MS);
  number("sentinel parallel-syncs", master.parallelSyncs, DEFAULT_PARALLEL_SYNCS);
  text("sentinel notification-script", master.notificationScript);
  text("sentinel client-reconfig-script", master.clientReconfigScript);
  text("sentinel auth-pass", master.authPass);
  text("sentinel auth-user", master.authUser);
  number(rebootOption, master.rebootDownAfterMs, 0);
  text("sentinel config-epoch", String(master.configEpoch));
  text("sentinel leader-epoch", String(master.leaderEpoch));
  return lines;
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
