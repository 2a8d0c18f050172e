import { textOf } from "../../base/bytes.ts";
import type { Explanation } from "../../explain/situation.ts";
import { nameOf } from "../../quorum/place.ts";
import type { Output, Tone } from "../output.ts";
import { shown } from "../shown.ts";
import type { Explained } from "./explained.ts";

const TONES: Readonly<Record<Explanation["verdict"], Tone>> = {
  ready: "good",
  busy: "warning",
  blocked: "bad",
};

const ORDER: readonly Explanation["verdict"][] = ["blocked", "busy", "ready"];

/** Of each master the cause and what to do, and below it what that is drawn from; the worst first. */
export function explainLines(output: Output, all: readonly Explained[]): string[] {
  const rank = ({ explanation }: Explained) => ORDER.indexOf(explanation.verdict);
  return [...all]
    .sort((a, b) => rank(a) - rank(b))
    .flatMap((one, at) => [...(at === 0 ? [] : [""]), ...linesOf(output, one)]);
}

function linesOf(output: Output, { picture, explanation, by }: Explained): string[] {
  const { verdict, code, text, facts, next, todo } = explanation;
  const word = output.paint(TONES[verdict], verdict.toUpperCase());
  const head = [output.paint("strong", shown(picture.name)), word, code, shown(text)];
  const below = (title: string, lines: readonly string[]) =>
    lines.map((line, at) => `  ${at === 0 ? title : "     "} ${shown(line)}`);
  const source = by === null ? "from what the Sentinels answer" : `told by ${shown(nameOf(by))}`;
  return [
    head.join("  "),
    ...below("do:  ", todo),
    ...facts.map((line) => `  ${shown(line)}`),
    ...below("next:", next),
    output.paint("quiet", `  (${source})`),
  ];
}

/** For programs; docs/explain.schema.json says what each field is. */
export function explainJson(all: readonly Explained[]): object {
  return {
    masters: all.map(({ picture, explanation, by }) => ({
      name: textOf(picture.name),
      ...{ verdict: explanation.verdict, code: explanation.code, text: textOf(explanation.text) },
      facts: explanation.facts.map(textOf),
      next: explanation.next.map(textOf),
      todo: explanation.todo.map(textOf),
      toldBy: by === null ? null : textOf(nameOf(by)),
    })),
  };
}
