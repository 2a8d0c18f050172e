import { strictInteger } from "../base/integers.ts";
import { quoteAlways } from "../base/tokenize.ts";
import { formatMemory, memoryValue, octalValue } from "./numbers.ts";

/** Lists hold one entry per word or, for directives of several lines, per line. */
export type DirectiveValue = boolean | bigint | string | null | readonly string[];

export type Parsed =
  | { readonly ok: true; readonly value: DirectiveValue }
  | { readonly ok: false; readonly reason: string };

/** What follows the name on a line, and whether the line must exist if the file has none yet. */
interface DirectiveLine {
  readonly text: string;
  readonly required: boolean;
}

/** One generic directive: how its words become a value and how the value is written. */
export interface Directive {
  readonly name: string;
  readonly aliases: readonly string[];
  /** Whether it takes any number of words; C gives the others exactly one. */
  readonly multi: boolean;
  /** Default of a Redis server: a value that differs from it is always written. */
  readonly serverDefault: DirectiveValue;
  /** What applies in Sentinel mode while the file is silent. */
  readonly sentinelDefault: DirectiveValue;
  parse(args: readonly string[], current: DirectiveValue): Parsed;
  /** No line: an unset value, whose old lines are blanked. */
  lines(value: DirectiveValue): readonly DirectiveLine[];
}

export const accept = (value: DirectiveValue): Parsed => ({ ok: true, value });
export const reject = (reason: string): Parsed => ({ ok: false, reason });

/** A directive of one word with the writing rule common to most: required unless the default. */
function single(
  name: string,
  serverDefault: DirectiveValue,
  parseWord: (word: string) => Parsed,
  format: (value: DirectiveValue) => string | null,
): Directive {
  return {
    name,
    aliases: [],
    multi: false,
    serverDefault,
    sentinelDefault: serverDefault,
    parse: ([word]) => parseWord(word ?? ""),
    lines(value) {
      const text = format(value);
      return text === null ? [] : [{ text, required: value !== serverDefault }];
    },
  };
}

export function flag(name: string, serverDefault: boolean): Directive {
  return single(name, serverDefault, parseFlag, (value) => (value === true ? "yes" : "no"));
}

/** yes or no, in any case; null for anything else. */
export function yesNo(word: string): boolean | null {
  const lower = word.toLowerCase();
  return lower === "yes" ? true : lower === "no" ? false : null;
}

function parseFlag(word: string): Parsed {
  const value = yesNo(word);
  return value === null ? reject("argument must be 'yes' or 'no'") : accept(value);
}

/** A text for which the empty word means unset. */
export function optionalText(
  name: string,
  check: (word: string) => string | null = never,
): Directive {
  return single(name, null, checked(check, true), formatText);
}

/** A text for which the empty word is a value like any other. */
export function text(
  name: string,
  serverDefault: string,
  check: (word: string) => string | null = never,
): Directive {
  return single(name, serverDefault, checked(check, false), formatText);
}

function never(): null {
  return null;
}

function checked(check: (word: string) => string | null, emptyIsUnset: boolean) {
  return (word: string): Parsed => {
    const reason = check(word);
    if (reason !== null) return reject(reason);
    return accept(emptyIsUnset && word === "" ? null : word);
  };
}

function formatText(value: DirectiveValue): string | null {
  return typeof value === "string" ? quoteAlways(value) : null;
}

export function choice(name: string, serverDefault: string, choices: readonly string[]): Directive {
  return single(name, serverDefault, (word) => parseChoice(choices, [word], never), String);
}

/** A choice whose words are shown and written as given here. */
export function spelled(name: string, serverDefault: string, words: readonly string[]): Directive {
  return {
    ...choice(name, serverDefault, words),
    parse(args) {
      const found = words.find((word) => word.toLowerCase() === args[0]?.toLowerCase());
      const all = words.join(", ");
      return found === undefined
        ? reject(`argument(s) must be one of the following: ${all}`)
        : accept(found);
    },
  };
}

/** Takes words of newer servers, too, which C's list of choices does not name. */
export function taking(directive: Directive, newer: readonly string[]): Directive {
  return {
    ...directive,
    parse(args, current) {
      const word = args.length === 1 ? (args[0] ?? "").toLowerCase() : "";
      return newer.includes(word) ? accept(word) : directive.parse(args, current);
    },
  };
}

/** The same with a flag of newer servers among the others. */
export function takingFlag(directive: Directive, flag: string): Directive {
  return {
    ...directive,
    parse(args, current) {
      const others = args.filter((word) => word.toLowerCase() !== flag);
      if (others.length === args.length) return directive.parse(args, current);
      if (others.length === 0) return accept(flag);
      const parsed = directive.parse(others, current);
      return parsed.ok ? accept(`${parsed.value} ${flag}`) : parsed;
    },
  };
}

/** Several of the choices at once, as flags; written in the order of the table. */
export function choices(
  name: string,
  serverDefault: string,
  all: readonly string[],
  check: (chosen: ReadonlySet<string>) => string | null,
): Directive {
  const one = choice(name, serverDefault, all);
  return { ...one, multi: true, parse: (args) => parseChoice(all, args, check) };
}

function parseChoice(
  choices: readonly string[],
  words: readonly string[],
  check: (chosen: ReadonlySet<string>) => string | null,
): Parsed {
  const chosen = new Set(words.map((word) => word.toLowerCase()));
  const valid = words.length > 0 && [...chosen].every((word) => choices.includes(word));
  if (!valid) {
    return reject(`argument(s) must be one of the following: ${choices.join(", ")}`);
  }
  const reason = check(chosen);
  if (reason !== null) return reject(reason);
  return accept(choices.filter((one) => chosen.has(one)).join(" "));
}

/** Both ends of a range are allowed values. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

export function integer(name: string, serverDefault: bigint, range: Range): Directive {
  const parse = (word: string): Parsed => {
    const value = strictInteger(word);
    if (value === null) return reject("argument couldn't be parsed into an integer");
    return withinRange(value, range, (bound) => bound.toString());
  };
  return single(name, serverDefault, parse, String);
}

/** Takes values beyond the range, too, as the nearer end of it. */
export function clamped(directive: Directive, { min, max }: Range): Directive {
  return {
    ...directive,
    parse(args, current) {
      const parsed = directive.parse(args, current);
      if (!parsed.ok || typeof parsed.value !== "bigint") return parsed;
      return accept(parsed.value < min ? min : parsed.value > max ? max : parsed.value);
    },
  };
}

export function octal(name: string, serverDefault: bigint, range: Range): Directive {
  const parse = (word: string): Parsed => {
    const value = octalValue(word);
    if (value === null) return reject("argument couldn't be parsed as an octal number");
    return withinRange(value, range, (bound) => bound.toString(8));
  };
  return single(name, serverDefault, parse, (value) => (value as bigint).toString(8));
}

/** Bytes, with units. */
export function memory(name: string, serverDefault: bigint, range: Range): Directive {
  const parse = (word: string): Parsed => {
    const value = memoryValue(word);
    if (value === null) return reject("argument must be a memory value");
    return withinRange(value, range, (bound) => bound.toString());
  };
  return single(name, serverDefault, parse, (value) => formatMemory(value as bigint));
}

/** Bytes, or a percentage, which is kept as a negative number. */
export function memoryOrPercent(name: string, serverDefault: bigint): Directive {
  const parse = (word: string): Parsed => {
    const bytes = memoryValue(word);
    if (bytes !== null) return accept(bytes);
    const percent = word.endsWith("%") ? strictInteger(word.slice(0, -1)) : null;
    if (percent === null || percent < 0n) {
      return reject("argument must be a memory or percent value");
    }
    if (percent > 100n) return reject("percentage argument must be less or equal to 100");
    return accept(-percent);
  };
  const format = (value: DirectiveValue) =>
    typeof value === "bigint" && value < 0n ? `${-value}%` : formatMemory(value as bigint);
  return single(name, serverDefault, parse, format);
}

function withinRange(value: bigint, range: Range, show: (bound: bigint) => string): Parsed {
  if (value >= range.min && value <= range.max) return accept(value);
  return reject(`argument must be between ${show(range.min)} and ${show(range.max)} inclusive`);
}
