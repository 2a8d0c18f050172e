import { isWholeInteger, leadingInteger } from "../base/integers.ts";
import { quoteAlways, quoteArg } from "../base/tokenize.ts";
import {
  accept,
  type Directive,
  type DirectiveValue,
  type Parsed,
  reject,
} from "./directive-kinds.ts";
import { formatMemory, memoryValue } from "./numbers.ts";

/** The directives of several words, each with rules of its own. */

const MAX_BIND_ADDRESSES = 16;
const BIND = ["*", "-::*"];
const PERCENTILES = ["50", "99", "99.9"];
const OOM_SCORES = ["0", "200", "800"];
/** One entry per class, in the order in which C writes them. */
const OUTPUT_LIMITS = ["normal 0 0 0", "replica 256mb 64mb 60", "pubsub 32mb 8mb 60"];
const OUTPUT_CLASSES = new Map([
  ["normal", 0],
  ["replica", 1],
  ["slave", 1],
  ["pubsub", 2],
]);
const OUTPUT_CLASS_NAMES = ["normal", "replica", "pubsub"];
/** In the order in which C writes them; `A` stands for the first ten but not for `m` and `n`. */
const EVENT_CLASSES = "g$lshzxetdKEmn";
const ALL_EVENT_CLASSES = "g$lshzxetd";

export const SPECIAL_DIRECTIVES: readonly Directive[] = [
  list("bind", BIND, parseBind, (words) => (sameWords(words, BIND) ? null : joined(words))),
  // A Sentinel has no data set: it is checked, and dropped at the next rewrite.
  list("save", [], parseSave, () => null),
  list("replicaof", [], parseReplicaOf, (words) => (words.length === 0 ? null : joined(words))),
  list("oom-score-adj-values", OOM_SCORES, parseOomScores, (words) => words.join(" ")),
  // C writes it into every file, and no 6.2 reads such a file again; we only on demand.
  list("latency-tracking-info-percentiles", PERCENTILES, parsePercentiles, joined),
  {
    ...list("client-output-buffer-limit", OUTPUT_LIMITS, parseOutputLimits, joined),
    lines: (value) =>
      wordsOf(value).map((text, at) => ({ text, required: text !== OUTPUT_LIMITS[at] })),
  },
  list("notify-keyspace-events", [""], parseEventClasses, ([flags]) => quoteAlways(flags ?? "")),
];

function list(
  name: string,
  byDefault: readonly string[],
  parse: Directive["parse"],
  format: (words: readonly string[]) => string | null,
): Directive {
  return {
    name,
    aliases: [],
    multi: true,
    serverDefault: byDefault,
    sentinelDefault: byDefault,
    parse,
    lines(value) {
      const text = format(wordsOf(value));
      return text === null ? [] : [{ text, required: !sameWords(wordsOf(value), byDefault) }];
    },
  };
}

/** The words of a list value. */
export function wordsOf(value: DirectiveValue): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function joined(words: readonly string[]): string {
  return words.length === 0 ? '""' : words.map(quoteArg).join(" ");
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}

/** A single empty word means: none at all. */
function orNone(words: readonly string[]): readonly string[] {
  return words.length === 1 && words[0] === "" ? [] : words;
}

function parseBind(words: readonly string[]): Parsed {
  if (words.length > MAX_BIND_ADDRESSES) return reject("Too many bind addresses specified.");
  return accept(orNone(words));
}

function parseSave(args: readonly string[]): Parsed {
  const words = orNone(args);
  const valid = words.every(
    (word, at) => isWholeInteger(word) && leadingInteger(word) >= (at % 2 === 0 ? 1n : 0n),
  );
  return words.length % 2 === 0 && valid ? accept(words) : reject("Invalid save parameters");
}

function parseReplicaOf(words: readonly string[]): Parsed {
  const [host = "", port = ""] = words;
  if (words.length !== 2) return reject("wrong number of arguments");
  if (host.toLowerCase() === "no" && port.toLowerCase() === "one") return accept([]);
  const number = leadingInteger(port);
  const valid = isWholeInteger(port) && number >= 0n && number <= 65_535n;
  return valid ? accept(words) : reject("Invalid master port");
}

function parseOomScores(words: readonly string[]): Parsed {
  if (words.length !== OOM_SCORES.length) return reject("wrong number of arguments");
  const numbers = words.map(leadingInteger);
  if (!words.every(isWholeInteger) || numbers.some((n) => n < -2000n || n > 2000n)) {
    return reject("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
  }
  return accept(numbers.map(String));
}

function parsePercentiles(args: readonly string[]): Parsed {
  const words = orNone(args);
  const numbers = words.map((word) => (/^[0-9.eE+-]+$/.test(word) ? Number(word) : Number.NaN));
  if (numbers.some(Number.isNaN)) {
    return reject("Invalid latency-tracking-info-percentiles parameters");
  }
  if (numbers.some((percentile) => percentile < 0 || percentile > 100)) {
    return reject("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
  }
  return accept(numbers.map(String));
}

function parseOutputLimits(words: readonly string[], current: DirectiveValue): Parsed {
  if (words.length % 4 !== 0) {
    return reject("Wrong number of arguments in buffer limit configuration.");
  }
  const limits = [...wordsOf(current)];
  for (let at = 0; at < words.length; at += 4) {
    const [name = "", hard = "", soft = "", seconds = ""] = words.slice(at, at + 4);
    const index = OUTPUT_CLASSES.get(name.toLowerCase());
    if (index === undefined) {
      return reject("Invalid client class specified in buffer limit configuration.");
    }
    const limit = outputLimit(hard, soft, seconds);
    if (limit === null) {
      return reject("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    limits[index] = `${OUTPUT_CLASS_NAMES[index]} ${limit}`;
  }
  return accept(limits);
}

function outputLimit(hard: string, soft: string, seconds: string): string | null {
  const hardBytes = memoryValue(hard);
  const softBytes = memoryValue(soft);
  if (hardBytes === null || softBytes === null || !isWholeInteger(seconds)) return null;
  const softSeconds = leadingInteger(seconds);
  if (softSeconds < 0n) return null;
  return `${formatMemory(hardBytes)} ${formatMemory(softBytes)} ${softSeconds}`;
}

function parseEventClasses(words: readonly string[]): Parsed {
  const [flags = ""] = words;
  if (words.length !== 1) return reject("wrong number of arguments");
  const chosen = new Set<string>();
  for (const flag of flags) {
    if (flag === "A") for (const each of ALL_EVENT_CLASSES) chosen.add(each);
    else if (EVENT_CLASSES.includes(flag)) chosen.add(flag);
    else return reject("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
  }
  const everything = [...ALL_EVENT_CLASSES].every((flag) => chosen.has(flag));
  const rest = everything ? [...EVENT_CLASSES].slice(ALL_EVENT_CLASSES.length) : [...EVENT_CLASSES];
  return accept([(everything ? "A" : "") + rest.filter((flag) => chosen.has(flag)).join("")]);
}
