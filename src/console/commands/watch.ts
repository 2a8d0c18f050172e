import { textOf } from "../../base/bytes.ts";
import { nameOf } from "../../quorum/place.ts";
import { type Call, defineCommand, OBSERVED } from "../command.ts";
import { Trouble } from "../trouble.ts";
import { type Heard, wordsOf } from "../watch/event.ts";
import { Watching } from "../watch/watching.ts";

const OPTIONS = {} as const;

export const watch = defineCommand({
  name: "watch",
  words: "[NAME]",
  wordCount: [0, 1],
  summary: "Shows the status as it changes, with the last events below",
  about:
    "Hears the events of all Sentinels that it finds, and asks them all once a second. A failover is shown step by step, with the time that each took. q ends it. With --json each event is a line.",
  options: OPTIONS,
  examples: [
    ["watch mymaster --at s1:26379", "one master"],
    ["watch --json | jq .text", "what happens, in words"],
  ],
  exits: "observing",
  undoes: true,
  run,
});

async function run({ words, options, output, access, interrupted }: Call): Promise<number> {
  const name = words[0] ?? null;
  if (options.json === true) {
    const watching = new Watching(access, name, (heard) =>
      output.jsonLine(eventJson(heard, watching)),
    );
    await watching.run(interrupted);
  } else {
    if (!output.isTerminal)
      throw new Trouble("it needs a terminal; --json prints each event as a line");
    const { showOn } = await import("../watch/show.ts");
    await showOn(output, access, name, interrupted);
  }
  return OBSERVED.fine;
}

function eventJson(heard: Heard, { picture }: Watching): object {
  const words = picture === null ? null : wordsOf(heard, picture);
  return {
    at: heard.at.toISOString(),
    sentinel: textOf(nameOf(heard.from)),
    event: textOf(heard.name),
    payload: textOf(heard.payload),
    master: heard.master === null ? null : textOf(heard.master),
    text: words === null ? null : textOf(words),
  };
}
