import { judge, type LagLimits } from "../../quorum/judgement.ts";
import type { QuorumPicture } from "../../quorum/picture.ts";
import { nameOf } from "../../quorum/place.ts";
import type { Output } from "../output.ts";
import { shown } from "../shown.ts";
import { statusLines } from "../status/text.ts";
import { fitted } from "../table.ts";
import { spanOf } from "../times.ts";
import { type Line, wordsOf } from "./event.ts";
import { barOf, type Incident } from "./incident.ts";

/** What is on the screen. */
interface Seen {
  readonly picture: QuorumPicture;
  /** How long ago that was so; null: it is so now. */
  readonly staleMs: number | null;
  readonly incident: Incident | null;
  readonly lines: readonly Line[];
  /** Sentinels whose events are heard. */
  readonly heard: number;
}

/** Events that are always seen, if there are so many: the status gives way to them. */
const LEAST_EVENTS = 4;

/** Exactly so many rows or less, none wider than the window. */
export function frameLines(output: Output, seen: Seen, limits: LagLimits, rows: number): string[] {
  const { picture, incident, lines } = seen;
  const judged = picture.masters.map((one) => ({ picture: one, judgement: judge(one, limits) }));
  const bar = incident === null ? [] : wrappedBar(barOf(incident, shown(incident.master)), output);
  const left = Math.max(0, rows - 2 - bar.length);
  const least = Math.min(lines.length, LEAST_EVENTS);
  const status = cut(output, statusLines(output, judged), Math.max(1, left - least));
  const events = lines.slice(-Math.max(0, left - status.length) || lines.length);
  return [
    output.paint("quiet", fitted(headOf(seen), output.width)),
    ...status,
    ...bar,
    "",
    ...events.map((line) => eventLine(output, line, picture)),
  ].slice(0, rows);
}

function headOf({ staleMs, heard, picture }: Seen): string {
  const time = new Date().toTimeString().slice(0, 8);
  const known = picture.asked.length;
  const stale = staleMs === null ? "" : `, NO SENTINEL ANSWERS for ${spanOf(staleMs)}`;
  return `${time}  events of ${heard} of ${known} Sentinels${stale}; q ends`;
}

/** What does not fit is counted. */
function cut(output: Output, lines: string[], rows: number): string[] {
  if (lines.length <= rows) return lines;
  const more = lines.length - rows + 1;
  return [
    ...lines.slice(0, rows - 1),
    output.paint("quiet", fitted(`  … ${more} more lines`, output.width)),
  ];
}

/** Two rows at most: the end of a long one counts. */
function wrappedBar(bar: string, { width }: Output): string[] {
  const rows: string[] = [];
  for (const word of bar.split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(fitted(word, width));
  }
  return ["", ...rows.slice(-2)];
}

function eventLine(output: Output, { heard, by }: Line, picture: QuorumPicture): string {
  const at = heard.at.toTimeString().slice(0, 8);
  const ms = `${heard.at.getMilliseconds()}`.padStart(3, "0");
  const who = by.length === 1 ? nameOf(heard.from) : `${by.length} Sentinels`;
  const words = wordsOf(heard, picture) ?? `${heard.name} ${heard.payload}`;
  const line = fitted(`${at}.${ms}  ${shown(who)}: ${shown(words)}`, output.width);
  const isBad = /^(\+(s|o)down|-failover|\+tilt|\+guard)/.test(heard.name);
  const isGood = /^(\+switch-master|\+failover-end$|-(s|o)down)/.test(heard.name);
  return output.paint(isBad ? "bad" : isGood ? "good" : null, line);
}
