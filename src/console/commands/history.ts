import type { LogEntry } from "../../explain/log/entry.ts";
import { pictureFrom } from "../ask.ts";
import { type Call, defineCommand, OBSERVED } from "../command.ts";
import { entryJson, entryLines, type ShownEntry } from "../history/entries.ts";
import { readJournals } from "../history/journals.ts";
import { readLogs } from "../history/log-files.ts";
import { LOG_OPTION } from "../history/log-option.ts";
import { shown } from "../shown.ts";
import { millisOf } from "../times.ts";
import { Trouble } from "../trouble.ts";

const OPTIONS = {
  ...LOG_OPTION,
  since: { type: "string", describe: "only what ended in this time before now: 90s, 2h, 7d" },
  count: { type: "number", describe: "only the last so many" },
} as const;

export const history = defineCommand({
  name: "history",
  words: "[NAME] [--log FILE...]",
  wordCount: [0, 1],
  summary: "Shows what happened: failovers with their steps and votes, and other incidents",
  about:
    "Asks Sentinels of ours for their journals (SENTINEL JOURNAL), and puts them together. With --log it reads the logs of one or more Sentinels, of Redis, Valkey or ours, and makes one entry of each failover, whoever saw it. A time without zone is of this machine's zone: set TZ for logs of another one. Rotated files of one log are read in their order.",
  options: OPTIONS,
  examples: [
    ["history mymaster --at s1:26379 --since 7d", "of the Sentinels of ours in that quorum"],
    ["history mymaster --log /var/log/redis/redis-sentinel.log*", "with the rotated ones"],
    ["history --log s1.log --log s2.log --log s3.log --json", "three Sentinels, for programs"],
    ["history --log - --since 2h", "behind  journalctl -u redis-sentinel |"],
  ],
  exits: "observing",
  run,
});

async function run(call: Call<typeof OPTIONS>): Promise<number> {
  const { count, since, log: paths = [] } = call.options;
  if (count !== undefined && !(Number.isSafeInteger(count) && count > 0)) {
    throw new Trouble("--count takes a whole number above 0");
  }
  const sinceMs = since === undefined ? null : Date.now() - millisOf(since, "since");
  return paths.length === 0 ? ofJournals(call, sinceMs) : ofLogs(call, paths, sinceMs);
}

async function ofJournals(call: Call<typeof OPTIONS>, sinceMs: number | null): Promise<number> {
  const { access, output, words } = call;
  const { masters } = await pictureFrom(access, words[0] ?? null);
  const { entries, silent, heard } = await readJournals(access, masters, sinceMs ?? 0);
  for (const one of silent) output.note(shown(one));
  if (heard === 0) output.note("logs can be read with --log FILE...");
  show(call, entries, heard > 0);
  return heard > 0 ? OBSERVED.fine : OBSERVED.unknown;
}

async function ofLogs(
  call: Call<typeof OPTIONS>,
  paths: readonly string[],
  sinceMs: number | null,
): Promise<number> {
  const { words, output } = call;
  const [name = null] = words;
  const read = await readLogs(paths, process.stdin);
  const isWanted = (entry: LogEntry) =>
    (name === null || entry.name === null || entry.name === name) &&
    (sinceMs === null || entry.at >= sinceMs);
  const entries = read.history.entries().filter(isWanted);
  for (const { path, trouble } of read.files) {
    if (trouble !== null) output.note(`${path}: only its beginning was read: ${trouble}`);
  }
  const { lines, strange, dropped } = read.history.counts;
  if (lines > 0 && strange === lines) output.note("no line of these is a Sentinel's");
  if (dropped > 0) output.note(`the oldest ${dropped} sightings are left out`);
  show(call, entries, true);
  return lines > 0 && strange < lines ? OBSERVED.fine : OBSERVED.unknown;
}

/** `isKnown`: somebody has told of it; else that there is nothing means nothing. */
function show(
  { output, options }: Call<typeof OPTIONS>,
  all: readonly ShownEntry[],
  isKnown: boolean,
): void {
  const entries = options.count === undefined ? all : all.slice(-options.count);
  if (options.json === true) output.json({ entries: entries.map(entryJson) });
  else if (entries.length === 0) output.line(isKnown ? "nothing happened" : "nothing is known");
  else output.lines(entryLines(output, entries));
}
