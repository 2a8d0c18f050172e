import { type EpochMs, type Stamp, stampAt } from "./line-time.ts";

/** What a collector of logs put around a line of a Sentinel. */
interface Unwrapped {
  readonly text: string;
  /** Where it comes from: host, pod or container; empty: nothing says so. */
  readonly from: string;
  /** When the collector had it. */
  readonly stamp: Stamp | null;
  /** `redis[123]:` was in front, so what is left is a message even if it has no time of its own. */
  readonly tagPid: number | null;
}

/** Deeper than any: compose around docker around journald. */
const MOST_LAYERS = 6;

/** `<30>` of syslog, with the version of RFC 5424. */
const PRIORITY = /<\d{1,3}>(?:1 (?=\S))?/y;
/** Colours of compose and stern. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with it
const COLOUR = /\x1b\[[\d;]*m/y;
/** `[pod/sentinel-0/sentinel] ` of `kubectl logs --prefix`. */
const POD = /\[(pod\/[^\]\s]+)\] /y;
/** `sentinel-1  | ` of compose. */
const COMPOSE = /([A-Za-z0-9][\w.-]*) +\| /y;
/** `stdout F ` of a container's own file. */
const CRI = /std(?:out|err) [FP] /y;
/** `host redis[123]: `; the host may be left out. */
const TAG = /(?:([^\s[\]]+) )?([^\s[\]:]+)\[(\d{1,10})\]: /y;
/** `host app 123 - - ` of RFC 5424, with structured data or none. */
const TAG_5424 = /(\S+) (\S+) (\d{1,10}|-) \S+ (?:-|\[[^\]]*\]) /y;
/** `Sun ` of journald's short-full. */
const WEEKDAY = /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?=\d{4}-)/y;

/** Takes off what collectors put around a line: syslog, journald, docker, compose, Kubernetes. */
export function unwrap(line: string, newestMs: EpochMs): Unwrapped {
  let left: Unwrapped = { text: line, from: "", stamp: null, tagPid: null };
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const next = unwrapOnce(left, newestMs);
    if (next === null) return left;
    left = next;
  }
  return left;
}

function unwrapOnce(given: Unwrapped, newestMs: EpochMs): Unwrapped | null {
  const { text, from } = given;
  const colour = after(COLOUR, text) ?? after(PRIORITY, text) ?? after(CRI, text);
  if (colour !== null) return { ...given, text: colour.rest };
  const named = after(POD, text) ?? after(COMPOSE, text);
  if (named !== null) return { ...given, text: named.rest, from: joined(from, named.found[1]) };
  return timed(given, newestMs);
}

/** A time, and perhaps who wrote it. A time with the mark of a level behind it is a line's own. */
function timed(given: Unwrapped, newestMs: EpochMs): Unwrapped | null {
  const { text, from } = given;
  const weekday = after(WEEKDAY, text);
  const stamped = stampAt(text, text.length - (weekday?.rest ?? text).length, newestMs);
  if (stamped === null || text[stamped.end] !== " ") return null;
  const { stamp } = stamped;
  const rest = text.slice(stamped.end + 1);
  const tag = after(TAG, rest);
  if (tag !== null) {
    const [, host, , pid] = tag.found;
    return { text: tag.rest, from: joined(from, host), stamp, tagPid: Number(pid) };
  }
  const modern = after(TAG_5424, rest);
  if (modern === null) return { ...given, text: rest, stamp };
  const [, host, , pid = "-"] = modern.found;
  const tagPid = pid === "-" ? 0 : Number(pid);
  // A mark of the order of bytes may be in front of the message.
  const message = modern.rest.replace(/^\u00ef\u00bb\u00bf/, "");
  return { text: message, from: joined(from, host), stamp, tagPid };
}

function after(pattern: RegExp, text: string): { found: RegExpExecArray; rest: string } | null {
  pattern.lastIndex = 0;
  const found = pattern.exec(text);
  return found === null ? null : { found, rest: text.slice(pattern.lastIndex) };
}

function joined(from: string, name: string | undefined): string {
  if (name === undefined || name === "") return from;
  return from === "" ? name : `${from}/${name}`;
}
