import { pictureFrom } from "../ask.ts";
import { type Call, defineCommand, OBSERVED } from "../command.ts";
import { explained } from "../explain/explained.ts";
import { explainJson, explainLines } from "../explain/report.ts";

const OPTIONS = {} as const;

export const explain = defineCommand({
  name: "explain",
  words: "[NAME]",
  wordCount: [0, 1],
  summary: "Says why a master is not failed over, or what would happen now",
  about:
    "Names one cause, what each Sentinel says, and what to do; docs/incidents.md has all causes. Sentinels of ours tell more than others, by SENTINEL EXPLAIN; of others it is worked out of what they answer.",
  options: OPTIONS,
  examples: [
    ["explain mymaster --at s1:26379,s2", "why nothing happens"],
    ["explain --json", "all masters, for programs"],
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
  const { masters } = await pictureFrom(access, words[0] ?? null);
  const all = await Promise.all(masters.map((picture) => explained(access, picture)));
  if (options.json === true) output.json(explainJson(all));
  else if (all.length === 0) output.line("no master is watched");
  else output.lines(explainLines(output, all));
  if (all.length === 0) return OBSERVED.unknown;
  return all.reduce((worst, one) => Math.max(worst, STATUS[one.explanation.verdict]), 0);
}
