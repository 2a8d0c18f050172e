import { quoteAlways } from "../base/tokenize.ts";
import { EMPTY_SENTINEL_CONFIG, type SentinelConfig } from "../core/config.ts";
import { type IncludedState, includedState } from "./included.ts";
import { type MasterLines, type MasterStyle, sentinelLine } from "./master-lines.ts";
import type { RewriteInput } from "./rewrite.ts";
import type { OptionLine, RewriteLines } from "./rewrite-lines.ts";
import { SENTINEL_OPTIONS, SETTING_OPTIONS } from "./sentinel-directives.ts";

/** Valkey's word first: its own files may hold a line of the old word beside it. */
const TWO_WORDS = SETTING_OPTIONS.flatMap(({ redis, valkey }) =>
  valkey === null ? [] : [[valkey, redis] as const],
);

/** Whose lines an option takes if not only its own: those in an old spelling come first. */
const TAKES_LINES_OF: ReadonlyMap<string, readonly string[]> = new Map([
  ["sentinel known-replica", ["sentinel known-slave", "sentinel known-replica"]],
  ...TWO_WORDS.flatMap((words) => words.map((option) => [option, words] as const)),
]);

export function masterStyle(lines: RewriteLines, { generic, sentinel }: RewriteInput): MasterStyle {
  return {
    elsewhere: includedState(generic.included, sentinel, lines),
    asValkey: TWO_WORDS.map(([valkey]) => valkey).filter((option) => lines.has(option)),
    resolveHostnames: sentinel.resolveHostnames,
  };
}

/** Writes the state of the Sentinel [REWRITE-LINES], with its masters in lines already. */
export function rewriteSentinel(
  lines: RewriteLines,
  config: SentinelConfig,
  masters: readonly MasterLines[],
  { elsewhere }: MasterStyle,
): void {
  const flag = (option: string, field: Flag) => {
    const value = config[field];
    const isTheirs = elsewhere?.isTheirsAlone(option) === true;
    // A line that we cannot change may say otherwise than the default.
    const silent = isTheirs ? elsewhere.globals[field] : EMPTY_SENTINEL_CONFIG[field];
    lines.write(sentinelLine(option, [value ? "yes" : "no"]), value !== silent);
  };
  const { myId, currentEpoch } = config;
  const isIdTheirs = elsewhere?.isTheirsAlone("sentinel myid") && elsewhere.globals.myId === myId;
  if (myId !== null && !isIdTheirs) lines.write(sentinelLine("sentinel myid", [myId]));
  flag("sentinel deny-scripts-reconfig", "denyScriptsReconfig");
  flag("sentinel resolve-hostnames", "resolveHostnames");
  flag("sentinel announce-hostnames", "announceHostnames");
  for (const master of masters) for (const line of master.lines) writeMasters(lines, line);
  lines.write(sentinelLine("sentinel current-epoch", [String(currentEpoch)]));
  for (const line of announcedLines(config, elsewhere)) lines.write(line);
  for (const option of SENTINEL_OPTIONS.values()) lines.forget(option);
}

type Flag = "denyScriptsReconfig" | "resolveHostnames" | "announceHostnames";

function writeMasters(lines: RewriteLines, line: OptionLine): void {
  const taken = TAKES_LINES_OF.get(line.option)?.find((option) => lines.has(option));
  lines.write(line, true, taken);
}

function announcedLines(config: SentinelConfig, elsewhere: IncludedState | null): OptionLine[] {
  const lines: OptionLine[] = [];
  for (const [field, name] of ANNOUNCED) {
    const option = `sentinel ${name}`;
    const value = config[field] || null;
    const theirs =
      elsewhere?.isTheirsAlone(option) === true ? elsewhere.globals[field] || null : null;
    // No line takes back a text of an included file.
    if (value === theirs || (value === null && field !== "announcePort")) continue;
    // C puts this one in quotes.
    if (field === "announceIp")
      lines.push({ option, text: `${option} ${quoteAlways(String(value))}` });
    else lines.push(sentinelLine(option, [String(value ?? 0)]));
  }
  return lines;
}

const ANNOUNCED = [
  ["announceIp", "announce-ip"],
  ["announcePort", "announce-port"],
  ["sentinelUser", "sentinel-user"],
  ["sentinelPass", "sentinel-pass"],
] as const;
