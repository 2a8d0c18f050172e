import type { Answer } from "../../quorum/answer.ts";
import { nameOf, type Place } from "../../quorum/place.ts";
import { isList } from "../../quorum/rows.ts";
import { done, unknown } from "../acting/outcome.ts";
import { Panel } from "../acting/panel.ts";
import { pictureFrom } from "../ask.ts";
import { ACTED, type Call, defineCommand } from "../command.ts";
import { placeOf } from "../connect/place.ts";
import { escaped, shown } from "../shown.ts";
import { millisOf } from "../times.ts";
import { Trouble } from "../trouble.ts";
import { tell } from "./switchover.ts";

const ASK_MS = 2_000;
const REDIS_PORT = 6_379;

const OPTIONS = {
  replica: {
    type: "string",
    describe: "only this replica, host:port: it is not promoted, and not told whom to follow",
  },
} as const;

export const pause = defineCommand({
  name: "pause",
  words: "NAME TIME [REASON]",
  wordCount: [2, 3],
  summary: "Holds automatic failovers of a master back for a time",
  about:
    "Says SENTINEL PAUSE to every Sentinel of ours. C Sentinels know no pause: if those that are left can still fail over, or one did not answer, the status is 3: the pause is in force on the others, and resume ends it.",
  options: OPTIONS,
  examples: [
    ["pause mymaster 10m 'new kernel'", "for ten minutes"],
    ["pause mymaster 1h disk --replica 10.0.0.3:6379", "one replica alone"],
  ],
  exits: "acting",
  run: runPause,
});

export const resume = defineCommand({
  name: "resume",
  words: "NAME",
  wordCount: [1, 1],
  summary: "Ends the pauses of a master",
  about: "Says SENTINEL RESUME to every Sentinel of ours.",
  options: {},
  examples: [["resume mymaster", "on all Sentinels"]],
  exits: "acting",
  run: runResume,
});

async function runPause({ words, options, output, access }: Call<typeof OPTIONS>): Promise<number> {
  const [name = "", time = "", reason = ""] = words;
  const seconds = Math.max(1, Math.ceil(millisOf(time, "pause for") / 1_000));
  const replica = options.replica === undefined ? null : placeOf(options.replica, REDIS_PORT);
  const ofReplica = replica === null ? [] : ["REPLICA", replica.host, `${replica.port}`];
  const command = ["SENTINEL", "PAUSE", name, `${seconds}`, ...ofReplica];
  const said = await sayToOurs({ access, output }, name, [...command, ...(reason ? [reason] : [])]);
  // The last one has heard of all before it.
  const last = said.answers.findLast((one) => isList(one));
  const sentence = isList(last) ? shown(String(last[1] ?? "")) : "";
  const isHeld = replica !== null || /is not possible/.test(sentence);
  const text = sentence || "paused";
  const isDone = said.isAllDone && isHeld;
  const outcome = isDone
    ? done(text)
    : unknown(`${text}; paused at ${said.answers.length}: \`resume\` ends it`);
  return tell(output, outcome, options.json === true);
}

async function runResume({ words, options, output, access }: Call): Promise<number> {
  const [name = ""] = words;
  const { answers, isAllDone } = await sayToOurs({ access, output }, name, [
    "SENTINEL",
    "RESUME",
    name,
  ]);
  const ended = answers.filter((one) => Number(one) > 0).length;
  const text = `${ended} of ${answers.length} Sentinels were paused`;
  const outcome = isAllDone ? done(text) : unknown(`${text}; others did not answer`);
  return tell(output, outcome, options.json === true);
}

interface Said {
  readonly answers: readonly Answer[];
  /** Each Sentinel of ours that is known has taken it. */
  readonly isAllDone: boolean;
}

/** One after the other, so that the last one knows of all. @throws Trouble if there is none of ours. */
async function sayToOurs(
  { access, output }: Pick<Call, "access" | "output">,
  name: string,
  words: readonly string[],
): Promise<Said> {
  const { masters } = await pictureFrom(access, name);
  const [picture] = masters;
  const panel = new Panel(access, ASK_MS);
  const answers: Answer[] = [];
  let isAllDone = true;
  try {
    for (const { program, error, host, port } of picture?.sentinels ?? []) {
      const place: Place = { host, port };
      if (program === null || !program.isOurs) {
        output.note(
          `${nameOf(place)}: ${program === null ? (error ?? "not asked") : `${program.text} knows no pause`}`,
        );
        if (program === null) isAllDone = false;
        continue;
      }
      const told = await panel.ask(place, words);
      if (told.ok) answers.push(told.value);
      else {
        output.note(`${nameOf(place)}: ${escaped(told.error)}`);
        isAllDone = false;
      }
    }
  } finally {
    panel.close();
  }
  if (answers.length === 0) throw new Trouble("no Sentinel of ours took it", ACTED.refused);
  return { answers, isAllDone };
}
