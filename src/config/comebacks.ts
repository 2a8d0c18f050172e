import { leadingInteger } from "../base/integers.ts";
import type { MasterConfig, SentinelConfig } from "../core/config.ts";
import { settingNamed, wordOf } from "../core/master-settings.ts";
import { loadSentinel } from "./load.ts";
import { subjectOf } from "./overridden.ts";
import { passOf } from "./sentinel-directives.ts";
import type { SentinelLine } from "./source.ts";

/** What the next start makes of the lines of included files, given the state that is saved now. */
interface NextStart {
  /** Those that it can read. */
  readonly lines: readonly SentinelLine[];
  /**
   * Sentences for the log, without their end: what comes back although it was removed or unset at
   * run time, and at which lines the next start would stop. No line of the main file prevents it.
   */
  readonly warnings: readonly string[];
}

export function nextStart(included: readonly SentinelLine[], now: SentinelConfig): NextStart {
  if (included.length === 0) return { lines: included, warnings: [] };
  const { lines, warnings } = readable(included, now);
  const sentences = lines.map((line) => comeback(line, lines, now)).filter((one) => one !== null);
  return { lines, warnings: [...new Set([...warnings, ...sentences])] };
}

/** A host name stops a start that resolves none, which CONFIG SET can make of one that did. */
function readable(included: readonly SentinelLine[], now: SentinelConfig): NextStart {
  const state = [
    ["resolve-hostnames", now.resolveHostnames ? "yes" : "no"],
    ...(now.myId === null ? [] : [["myid", now.myId]]),
    ...now.masters.map(({ name }) => ["monitor", name, "127.0.0.1", "1", "1"]),
  ].map((words) => ({ file: "", line: 0, text: "", words, included: false }));
  const warnings: string[] = [];
  let lines = included;
  for (;;) {
    const loaded = loadSentinel([...state, ...lines], () => true);
    if (loaded.ok) return { lines, warnings };
    const { file, line, reason } = loaded.error;
    const rest = lines.filter((other) => other.file !== file || other.line !== line);
    // None of these lines is at fault: the whole file will be found wrong.
    if (rest.length === lines.length) return { lines, warnings };
    warnings.push(
      `the next start will stop at line ${line} of the included file ${file} (${reason.replace(/\.$/, "")}). Change that line`,
    );
    lines = rest;
  }
}

function comeback(
  { file, words }: SentinelLine,
  all: readonly SentinelLine[],
  now: SentinelConfig,
): string | null {
  const [option = "", name = ""] = words;
  if (passOf(option) === "global")
    return isUnset(words, now, undefined) ? again(words, file) : null;
  const master = now.masters.find((each) => each.name === name);
  if (master !== undefined) return isUnset(words, now, master) ? again(words, file) : null;
  const where = `the included file ${file}`;
  const monitoring = all.find(({ words: [word = "", other] }) => {
    return other === name && passOf(word) === "monitor";
  });
  if (monitoring !== undefined) {
    return `master '${name}' was removed, but the included file ${monitoring.file} monitors it, and so will the next start. Remove its lines there`;
  }
  return `master '${name}' was removed, but ${where} has lines of it: they have no effect here, and a C Sentinel would not start. Remove them`;
}

function again(words: readonly string[], file: string): string {
  return `'${subjectOf(words)}' was unset, but the included file ${file} has a line of it, which counts again at the next start. Remove it there`;
}

function isUnset(
  [option = "", ...args]: readonly string[],
  now: SentinelConfig,
  master: MasterConfig | undefined,
): boolean {
  const name = option.toLowerCase();
  const field = settingNamed(name);
  if (field !== undefined) return master !== undefined && wordOf(master.settings, field) === null;
  return UNSET.get(name)?.(now, args, master) ?? false;
}

type IsUnset = (
  now: SentinelConfig,
  args: readonly string[],
  master: MasterConfig | undefined,
) => boolean;

/** What a line of the main file can set to another value, but not take back, beside settings of masters. */
const UNSET: ReadonlyMap<string, IsUnset> = new Map<string, IsUnset>([
  ["announce-ip", (now, [value]) => value !== "" && !now.announceIp],
  ["sentinel-user", (now, [value]) => value !== "" && !now.sentinelUser],
  ["sentinel-pass", (now, [value]) => value !== "" && !now.sentinelPass],
  ["current-epoch", (now, [epoch = ""]) => leadingInteger(epoch) > now.currentEpoch],
  ["config-epoch", (now, [, epoch = ""]) => leadingInteger(epoch) > now.currentEpoch],
  ["rename-command", (_now, [, from = ""], master) => !isRenamed(master, from)],
]);

function isRenamed(master: MasterConfig | undefined, from: string): boolean {
  const key = from.toLowerCase();
  return master?.settings.renamedCommands.some(([name]) => name.toLowerCase() === key) ?? false;
}
