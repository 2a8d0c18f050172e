import { type Finding, findingsOf, LEVELS, type Level, stepText } from "./findings.ts";
import { ageText, count, placeText } from "./say.ts";
import type { Master } from "./status.ts";

type Word = "Down" | "Failover" | "Switching" | "At risk" | "Warning" | "Paused" | "Well";

/** A master as the list shows it. */
export interface Summary {
  readonly name: string;
  readonly place: string;
  readonly level: Level;
  /** One word for its state; a colour never says it alone. */
  readonly word: Word;
  readonly line: string;
  readonly findings: readonly Finding[];
}

/** Those in trouble first, the worst of them before all; else by name. */
export function summariesOf(masters: readonly Master[]): Summary[] {
  const all = masters.map(summaryOf);
  return all.sort((a, b) => rank(a) - rank(b) || NAMES.compare(a.name, b.name));
}

/** `shard-2` before `shard-10`. */
const NAMES = new Intl.Collator("en", { numeric: true });

/** Who has no master comes before who could lose it. */
function rank({ level, word }: Summary): number {
  if (level === "bad" && word !== "At risk") return 0;
  if (level === "bad") return 2;
  return level === "busy" ? 1 : 1 + LEVELS.indexOf(level);
}

function summaryOf(master: Master): Summary {
  const findings = findingsOf(master);
  const level = findings[0]?.level ?? "good";
  const line = lineOf(master, findings);
  const word = wordOf(master, level);
  const place = placeText(master.clientsGoTo);
  return { name: master.name, place, level, word, line, findings };
}

function wordOf({ failover, downMs, pause }: Master, level: Level): Word {
  if (failover !== null) return failover.isCoordinated ? "Switching" : "Failover";
  if (downMs !== null) return "Down";
  if (level === "bad") return "At risk";
  if (pause !== null) return "Paused";
  return level === "warn" ? "Warning" : "Well";
}

function lineOf(master: Master, findings: readonly Finding[]): string {
  const { failover, downMs, replicas, sentinels } = master;
  if (failover !== null) return stepText(failover.step);
  if (downMs !== null) return `for ${ageText(downMs)}`;
  const [worst] = findings;
  if (worst !== undefined) return worst.what;
  return `${count(replicas.length, "replica")}, ${count(sentinels.length + 1, "Sentinel")}`;
}

/** Every word of what was typed is in its name, its place or its state. */
export function matching(summaries: readonly Summary[], typed: string): Summary[] {
  const words = typed.toLowerCase().split(/\s+/);
  return summaries.filter(({ name, place, word }) => {
    const text = `${name} ${place} ${word}`.toLowerCase();
    return words.every((one) => text.includes(one));
  });
}

/** The page in one sentence, for its head and the title of the window. */
export function headline(summaries: readonly Summary[]): { level: Level; text: string } {
  const level = summaries[0]?.level ?? "warn";
  const [only] = summaries;
  if (only === undefined) return { level, text: "This Sentinel watches no master." };
  if (summaries.length === 1) return { level, text: `${only.name} is ${STATES[only.word]}.` };
  const all = `${summaries.length} masters`;
  const parts = Object.entries(STATES).flatMap(([word, state]) => {
    const number = summaries.filter((one) => one.word === word).length;
    return number === 0 || word === "Well" ? [] : `${number} ${state}`;
  });
  return {
    level,
    text: parts.length === 0 ? `All ${all} are well.` : `Of ${all}: ${parts.join(", ")}.`,
  };
}

/** What a master is, and in which order they are counted. */
const STATES: Readonly<Record<Word, string>> = {
  Down: "down",
  Failover: "failing over",
  Switching: "being moved as planned",
  "At risk": "at risk",
  Warning: "well, with warnings",
  Paused: "paused",
  Well: "well",
};
