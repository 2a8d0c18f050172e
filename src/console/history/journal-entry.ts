import type { JournalEntry } from "../../base/journal-entry.ts";
import type { Answer } from "../../quorum/answer.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The entry that a Sentinel says to have; null: it has not the form of one, whoever says so. */
export function entryIn(line: Answer): JournalEntry | null {
  if (typeof line !== "string") return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  return isFields(value) && isEntry(value) ? (value as unknown as JournalEntry) : null;
}

function isEntry(entry: Fields): boolean {
  const { id, at, name, kind, result, by } = entry;
  const isHead = isCount(id) && isTime(at) && areTexts(kind, result);
  if (!isHead || !(by === null || (isFields(by) && areTexts(by.address, by.user)))) return false;
  if (entry.type === "note") {
    const { text, lastedMs } = entry;
    return isNullOr(name, isText) && isText(text) && isNullOr(lastedMs, isCount);
  }
  return entry.type === "failover" && isText(name) && isFailover(entry);
}

function isFailover(entry: Fields): boolean {
  const { reason, ending, epoch, leader, from, to, tookMs, attempt, votesNeeded } = entry;
  const { phases, votes, candidates, lacked } = entry;
  return (
    isNullOr(reason, isText) &&
    isNullOr(ending, isText) &&
    areTexts(epoch, leader) &&
    isPlace(from) &&
    isNullOr(to, isPlace) &&
    [tookMs, attempt, votesNeeded].every(isCount) &&
    isFields(phases) &&
    PHASES.every((name) => isNullOr(phases[name], isCount)) &&
    isListOf(votes, (one) => areTexts(one.sentinel, one.leader)) &&
    isListOf(
      candidates,
      (one) => isPlace(one) && isText(one.verdict) && isNullOr(one.reason, isText),
    ) &&
    isNullOr(lacked, (one) => isFields(one) && isCount(one.bytes) && isCount(one.seenMs))
  );
}

const PHASES = [
  "sdown",
  "odown",
  "tried",
  "elected",
  "selected",
  "promoted",
  "followed",
  "switched",
];

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every(isText);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

/** A Date can show it. */
function isTime(value: unknown): boolean {
  return isCount(value) && Math.abs(Number(value)) <= 8.64e15;
}

function isNullOr(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === null || is(value);
}

function isPlace(value: unknown): boolean {
  return isFields(value) && isText(value.host) && isCount(value.port);
}

function isListOf(value: unknown, is: (one: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((one) => isFields(one) && is(one));
}
