import { textOf } from "../../base/bytes.ts";
import type { Finding, Unchecked } from "../../quorum/check/codes.ts";
import type { QuorumPicture } from "../../quorum/picture.ts";
import { nameOf } from "../../quorum/place.ts";
import type { Output } from "../output.ts";
import { shown } from "../shown.ts";
import { fitted, tableLines } from "../table.ts";

/** So many that are well have a line each. */
const MOST_WELL = 8;

/** By master, the worst first, and at the end what could not be looked at. */
export function checkLines(
  output: Output,
  { masters }: QuorumPicture,
  found: readonly Finding[],
  unchecked: readonly Unchecked[],
): string[] {
  const groups = new Map<string | null, Finding[]>([
    [null, []],
    ...masters.map(({ name }) => [name, []] as [string, Finding[]]),
  ]);
  for (const one of found) groups.get(one.master)?.push(one);
  const all = [...groups].sort(([, a], [, b]) => severityOf(b) - severityOf(a));
  const well = all.filter(([name, of]) => name !== null && of.length === 0);
  const told = well.length > MOST_WELL ? all.filter((one) => !well.includes(one)) : all;
  return [
    ...told.flatMap(([name, of]) => groupLines(output, name, of)),
    ...(told === all ? [] : [`${well.length} masters  ${output.paint("good", "nothing found")}`]),
    ...uncheckedLines(output, unchecked),
    summary(found, masters.length),
  ];
}

function severityOf(found: readonly Finding[]): number {
  if (found.length === 0) return 0;
  return found.some(({ severity }) => severity === "critical") ? 2 : 1;
}

function groupLines(output: Output, name: string | null, found: readonly Finding[]): string[] {
  if (name === null && found.length === 0) return [];
  const head = output.paint(
    "strong",
    fitted(name === null ? "Sentinels" : shown(name), output.width),
  );
  if (found.length === 0) return [`${head}  ${output.paint("good", "nothing found")}`];
  const codes = [...new Set(found.map(({ code }) => code))];
  const groups = codes.map((code) => found.filter((one) => one.code === code));
  return [head, ...groups.flatMap((group) => findingLines(output, group))];
}

/** Of one code. What to do stands on lines of its own, whole: a cut sentence helps nobody. */
function findingLines(output: Output, all: readonly Finding[]): string[] {
  const [first] = all;
  if (first === undefined) return [];
  const { severity, code, todo } = first;
  const tone = severity === "critical" ? "bad" : "warning";
  const indented = (text: string) => wrapped(text, output.width - 4).map((line) => `    ${line}`);
  return [
    `  ${output.paint(tone, `${severity.padEnd(8)}  ${code}`)}`,
    ...all.flatMap(({ what }) => indented(shown(what))),
    ...indented(`do: ${todo}`).map((line) => output.paint("quiet", line)),
  ];
}

function uncheckedLines(output: Output, unchecked: readonly Unchecked[]): string[] {
  if (unchecked.length === 0) return [];
  const rows = unchecked.map(({ what, why }) => [shown(what), shown(why)]);
  return ["", "not looked at:", ...tableLines(output, rows)];
}

function summary(found: readonly Finding[], masters: number): string {
  if (masters === 0) return "no master is watched";
  const critical = found.filter(({ severity }) => severity === "critical").length;
  const warnings = found.length - critical;
  const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? "" : "s"}`;
  return `${plural(masters, "master")}, ${critical} critical, ${plural(warnings, "warning")}`;
}

/** In lines of at most so many columns, cut at blanks. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** docs/check.schema.json says what each field is. */
export function checkJson(
  { asked, masters }: QuorumPicture,
  found: readonly Finding[],
  unchecked: readonly Unchecked[],
): object {
  return {
    masters: masters.map(({ name }) => textOf(name)),
    asked: asked.map(({ place, told }) => ({
      at: textOf(nameOf(place)),
      error: told.ok ? null : told.error,
    })),
    findings: found.map(({ code, severity, master, what, todo }) => ({
      ...{ code, severity, todo },
      master: master === null ? null : textOf(master),
      what: textOf(what),
    })),
    unchecked: unchecked.map(({ what, why }) => ({ what: textOf(what), why: textOf(why) })),
  };
}
