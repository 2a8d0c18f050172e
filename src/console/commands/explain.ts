import { pictureFrom } from "../ask.ts";
import { type Call, defineCommand, OBSERVED } from "../command.ts";
import type { Access } from "../connect/access.ts";
import { SharedClients } from "../connect/shared.ts";
import { type Explained, explained } from "../explain/explained.ts";
import { loggedIn, loggedJson, loggedLines } from "../explain/logged.ts";
import { explainJson, explainLines } from "../explain/report.ts";
import { LOG_OPTION } from "../history/log-option.ts";
import type { Output } from "../output.ts";
import { Trouble } from "../trouble.ts";

const OPTIONS = LOG_OPTION;

export const explain = defineCommand({
  name: "explain",
  words: "[NAME]",
  wordCount: [0, 1],
  summary: "Says why a master is not failed over, or what would happen now",
  about:
    "Names one cause, what each Sentinel says, and what to do; docs/incidents.md has all causes. Sentinels of ours tell more than others, by SENTINEL EXPLAIN; of others it is worked out of what they answer. With --log it also tells what their logs have on that; if no Sentinel answers, that alone.",
  options: OPTIONS,
  examples: [
    ["explain mymaster --at s1:26379,s2", "why nothing happens"],
    ["explain --json", "all masters, for programs"],
    ["explain mymaster --log s1.log s2.log", "and what their logs tell of the last attempts"],
  ],
  exits: "observing",
  run,
});

/** 0: nothing is in the way; 1: a failover goes on; 2: something is in the way. */
const STATUS = {
  ready: OBSERVED.fine,
  busy: OBSERVED.warning,
  blocked: OBSERVED.critical,
} as const;

async function run({ words, options, output, access }: Call<typeof OPTIONS>): Promise<number> {
  const [name = null] = words;
  const logs = options.log === undefined ? null : await loggedIn(options.log, name, output);
  const all = await asked(access, name, logs === null ? null : output);
  if (options.json === true) {
    output.json({ ...explainJson(all), ...(logs !== null && { logs: loggedJson(logs) }) });
  } else {
    if (all.length === 0 && logs === null) output.line("no master is watched");
    output.lines(explainLines(output, all));
    output.lines(loggedLines(output, logs ?? []));
  }
  if (all.length === 0) return OBSERVED.unknown;
  return all.reduce((worst, one) => Math.max(worst, STATUS[one.explanation.verdict]), 0);
}

/** `output`: where it is noted that nobody answers; null: that is the end of it. @throws Trouble */
async function asked(
  access: Access,
  name: string | null,
  output: Output | null,
): Promise<readonly Explained[]> {
  try {
    const { masters } = await pictureFrom(access, name);
    const clients = new SharedClients(access);
    const all = await Promise.all(masters.map((picture) => explained(clients, picture)));
    await clients.close();
    return all;
  } catch (error) {
    if (!(error instanceof Trouble) || output === null) throw error;
    output.note(error.message);
    return [];
  }
}
