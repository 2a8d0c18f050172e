import type { SentinelConfig } from "../core/config.ts";
import { type MasterLines, type MasterStyle, sentinelLine } from "./master-lines.ts";
import type { RewriteInput } from "./rewrite.ts";
import type { OptionLine, RewriteLines } from "./rewrite-lines.ts";
import { SENTINEL_OPTIONS } from "./sentinel-directives.ts";
import { quoteAlways } from "./tokenize.ts";

/** Valkey's word first: its own files may hold a line of the old word beside it. */
const REBOOT_OPTIONS: readonly string[] = [
  "sentinel primary-reboot-down-after-period",
  "sentinel master-reboot-down-after-period",
];

/** Whose lines an option takes if not only its own: those in an old spelling come first. */
const TAKES_LINES_OF: ReadonlyMap<string, readonly string[]> = new Map([
  ["sentinel known-replica", ["sentinel known-slave", "sentinel known-replica"]],
  ...REBOOT_OPTIONS.map((option) => [option, REBOOT_OPTIONS] as const),
]);

export function masterStyle(lines: RewriteLines, { generic, sentinel }: RewriteInput): MasterStyle {
  const found = REBOOT_OPTIONS.find((option) => lines.has(option));
  return {
    // A line that we cannot change may say otherwise than a default.
    explicit: generic.includedSentinel.length > 0,
    rebootOption: found ?? "sentinel master-reboot-down-after-period",
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
  const flag = (option: string, value: boolean, byDefault: boolean) => {
    const line = sentinelLine(option, [value ? "yes" : "no"]);
    lines.write(line, value !== byDefault || explicit);
  };
  const { myId, denyScriptsReconfig, resolveHostnames, announceHostnames, currentEpoch } = config;
  if (myId !== null) lines.write(sentinelLine("sentinel myid", [myId]));
  flag("sentinel deny-scripts-reconfig", denyScriptsReconfig, true);
  flag("sentinel resolve-hostnames", resolveHostnames, false);
  flag("sentinel announce-hostnames", announceHostnames, false);
  for (const master of masters) for (const line of master.lines) writeMasters(lines, line);
  lines.write(sentinelLine("sentinel current-epoch", [String(currentEpoch)]));
  for (const line of announcedLines(config)) lines.write(line);
  for (const option of SENTINEL_OPTIONS.values()) lines.forget(option);
}

function writeMasters(lines: RewriteLines, line: OptionLine): void {
  const taken = TAKES_LINES_OF.get(line.option)?.find((option) => lines.has(option));
  lines.write(line, true, taken);
}

function announcedLines(config: SentinelConfig): OptionLine[] {
  const { announceIp, announcePort, sentinelUser, sentinelPass } = config;
  const lines: OptionLine[] = [];
  if (announceIp) {
    // C puts this one in quotes.
    const text = `sentinel announce-ip ${quoteAlways(announceIp)}`;
    lines.push({ option: "sentinel announce-ip", text });
  }
  if (announcePort !== 0) {
    lines.push(sentinelLine("sentinel announce-port", [String(announcePort)]));
  }
  if (sentinelUser) lines.push(sentinelLine("sentinel sentinel-user", [sentinelUser]));
  if (sentinelPass) lines.push(sentinelLine("sentinel sentinel-pass", [sentinelPass]));
  return lines;
}
