import type { SentinelConfig } from "../core/config.ts";
import { type MasterLines, type MasterStyle, sentinelLine } from "./master-lines.ts";
import type { RewriteInput } from "./rewrite.ts";
import type { OptionLine, RewriteLines } from "./rewrite-lines.ts";
import { quoteAlways } from "./tokenize.ts";

/** Valkey's word first: its own files may hold a line of the old word beside it. */
const REBOOT_WORDS = ["primary-reboot-down-after-period", "master-reboot-down-after-period"];

/** The options by which a file speaks of masters: many lines of each, or none at all. */
export const MASTER_OPTIONS: ReadonlySet<string> = new Set(
  [
    ...["monitor", "down-after-milliseconds", "failover-timeout", "parallel-syncs"],
    ...["notification-script", "client-reconfig-script", "auth-pass", "auth-user"],
    ...REBOOT_WORDS,
    ...["config-epoch", "leader-epoch", "known-replica", "known-slave", "known-sentinel"],
    "rename-command",
  ].map(optionOf),
);

/** Those by which it speaks of the Sentinel itself, and which it may leave out. */
const OWN_OPTIONS = [
  ...["myid", "announce-ip", "announce-port", "sentinel-user", "sentinel-pass"].map(optionOf),
];

/** Whose lines an option takes if not only its own: those in an old spelling come first. */
const TAKES_LINES_OF: ReadonlyMap<string, readonly string[]> = new Map([
  [optionOf("known-replica"), ["known-slave", "known-replica"].map(optionOf)],
  ...REBOOT_WORDS.map((word) => [optionOf(word), REBOOT_WORDS.map(optionOf)] as const),
]);

export function masterStyle(lines: RewriteLines, { generic, sentinel }: RewriteInput): MasterStyle {
  const found = REBOOT_WORDS.find((word) => lines.has(optionOf(word)));
  return {
    // A line that we cannot change may say otherwise than a default.
    explicit: generic.includedSentinel.length > 0,
    rebootWord: found ?? "master-reboot-down-after-period",
    resolveHostnames: sentinel.resolveHostnames,
  };
}

/** Writes the state of the Sentinel (wire.md 4.2), with its masters in lines already. */
export function rewriteSentinel(
  lines: RewriteLines,
  config: SentinelConfig,
  masters: readonly MasterLines[],
  { explicit }: MasterStyle,
): void {
  const flag = (word: string, value: boolean, required: boolean) =>
    write(lines, sentinelLine(word, [value ? "yes" : "no"]), required || explicit);
  if (config.myId !== null) write(lines, sentinelLine("myid", [config.myId]));
  flag("deny-scripts-reconfig", config.denyScriptsReconfig, !config.denyScriptsReconfig);
  flag("resolve-hostnames", config.resolveHostnames, config.resolveHostnames);
  flag("announce-hostnames", config.announceHostnames, config.announceHostnames);
  for (const master of masters) for (const line of master.lines) write(lines, line);
  write(lines, sentinelLine("current-epoch", [String(config.currentEpoch)]));
  for (const line of announcedLines(config)) write(lines, line);
  for (const option of [...OWN_OPTIONS, ...MASTER_OPTIONS]) lines.forget(option);
}

function write(lines: RewriteLines, line: OptionLine, required = true): void {
  lines.write(
    line,
    required,
    TAKES_LINES_OF.get(line.option)?.find((old) => lines.has(old)),
  );
}

function announcedLines(config: SentinelConfig): OptionLine[] {
  const { announceIp, announcePort, sentinelUser, sentinelPass } = config;
  const lines: OptionLine[] = [];
  if (announceIp) {
    const option = optionOf("announce-ip");
    // C puts this one in quotes.
    lines.push({ option, text: `${option} ${quoteAlways(announceIp)}` });
  }
  if (announcePort !== 0) lines.push(sentinelLine("announce-port", [String(announcePort)]));
  if (sentinelUser) lines.push(sentinelLine("sentinel-user", [sentinelUser]));
  if (sentinelPass) lines.push(sentinelLine("sentinel-pass", [sentinelPass]));
  return lines;
}

/** As {@link RewriteLines} names it. */
function optionOf(word: string): string {
  return `sentinel ${word}`;
}
