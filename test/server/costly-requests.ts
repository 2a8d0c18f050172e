import { MAX_WORD_BYTES } from "../../src/core/limits.ts";

/** A request that is as long as one makes it: what it begins with, and what is repeated. */
export interface Costly {
  /** Full name of the command. */
  readonly command: string;
  readonly head: readonly string[];
  readonly unit: (index: number) => readonly string[];
  /** What differs from the others of the command. */
  readonly note?: string;
}

function repeated(command: string, ...words: readonly string[]): Costly {
  return { command, head: command.split("|"), unit: () => words };
}

function varied(command: string, note: string, word: (index: number) => string): Costly {
  return { command, head: command.split("|"), unit: (index) => [word(index)], note };
}

function behind(
  command: string,
  head: readonly string[],
  unit: Costly["unit"],
  note?: string,
): Costly {
  const whole = [...command.split("|"), ...head];
  return { command, head: whole, unit, ...(note === undefined ? {} : { note }) };
}

const padded = (index: number) => String(index).padStart(7, "0");
/** One class of a glob, as long as a word may be. */
const HUGE_CLASS = "[".repeat(MAX_WORD_BYTES);
const MANY_STARS = "*a*n*o*";

/** For every command its most expensive words that are known. */
export const COSTLY: readonly Costly[] = [
  repeated("acl", "x"),
  repeated("acl|cat", "admin"),
  repeated("acl|deluser", "nobody"),
  varied("acl|deluser", "names", (index) => `nobody${index}`),
  behind("acl|dryrun", ["default", "subscribe"], (index) => [`c${index}`]),
  behind("acl|dryrun", ["narrow", "subscribe"], (index) => [`c${index}`], "with patterns"),
  repeated("acl|genpass", "256"),
  repeated("acl|getuser", "default"),
  repeated("acl|help", "x"),
  repeated("acl|list", "x"),
  repeated("acl|load", "x"),
  repeated("acl|log", "10"),
  repeated("acl|save", "x"),
  behind("acl|setuser", ["u1"], (index) => [`~k${index}`], "keys"),
  behind("acl|setuser", ["u2"], (index) => [`&c${index}`], "channels"),
  behind("acl|setuser", ["u3"], (index) => [`>p${index}`], "passwords"),
  behind("acl|setuser", ["u4"], (index) => [`+ping|${index}`], "first arguments"),
  behind("acl|setuser", ["u5"], (index) => [index % 2 === 0 ? "+@all" : "-@admin"], "categories"),
  behind("acl|setuser", ["u6"], (index) => [`(+ping ~${index})`], "selectors"),
  behind("acl|setuser", ["u7"], () => ["("], "parentheses"),
  repeated("acl|users", "x"),
  repeated("acl|whoami", "x"),
  repeated("auth", "x"),
  repeated("client", "x"),
  repeated("client|caching", "yes"),
  repeated("client|getname", "x"),
  repeated("client|getredir", "x"),
  repeated("client|help", "x"),
  repeated("client|id", "x"),
  repeated("client|info", "x"),
  repeated("client|kill", "ID", "99999999"),
  behind("client|kill", [], constantly("ADDR", "127.0.0.1:1"), "by address"),
  behind("client|list", ["ID"], constantly("1")),
  behind("client|list", ["ID"], (index) => [`${index + 1}`], "ids"),
  repeated("client|no-evict", "on"),
  repeated("client|pause", "1"),
  repeated("client|reply", "on"),
  repeated("client|setinfo", "lib-name", "x"),
  repeated("client|setname", "x"),
  repeated("client|tracking", "ON", "BCAST"),
  behind(
    "client|tracking",
    ["ON", "BCAST"],
    (index) => ["PREFIX", `p${padded(index)}`],
    "prefixes",
  ),
  behind(
    "client|tracking",
    ["ON", "BCAST"],
    (index) => ["PREFIX", "p".repeat(index % 250)],
    "overlaps",
  ),
  repeated("client|trackinginfo", "x"),
  repeated("client|unblock", "1"),
  repeated("client|unpause", "x"),
  repeated("command", "x"),
  repeated("command|count", "x"),
  repeated("command|docs", "sentinel"),
  varied("command|docs", "names", (index) => `x${index}`),
  repeated("command|getkeys", "ping"),
  repeated("command|getkeysandflags", "ping"),
  repeated("command|help", "x"),
  repeated("command|info", "sentinel"),
  behind("command|list", ["FILTERBY", "PATTERN"], constantly(HUGE_CLASS)),
  behind("hello", ["3"], constantly("SETNAME", "a")),
  behind("hello", ["3"], constantly("AUTH", "default", "x"), "passwords"),
  repeated("info", "everything"),
  varied("info", "sections", (index) => `s${index}`),
  repeated("ping", "x"),
  varied("psubscribe", "patterns", (index) => `*${index}*z`),
  varied("psubscribe", "classes", (index) => `*${index}${HUGE_CLASS.slice(9)}`),
  repeated("publish", "__sentinel__:hello"),
  varied("punsubscribe", "patterns", (index) => `*${index}*z`),
  repeated("role", "x"),
  repeated("sentinel", "x"),
  repeated("sentinel|ckquorum", "m0"),
  behind("sentinel|config", ["GET"], constantly(MANY_STARS), "stars"),
  behind("sentinel|config", ["GET"], (index) => [`${MANY_STARS}${index % 7}`], "different stars"),
  behind("sentinel|config", ["GET"], constantly(HUGE_CLASS), "classes"),
  behind("sentinel|config", ["SET"], constantly("announce-port", "1"), "set"),
  repeated("sentinel|debug", "info-period", "10000"),
  repeated("sentinel|failover", "m0"),
  repeated("sentinel|flushconfig", "x"),
  repeated("sentinel|forget", "m0"),
  repeated("sentinel|get-master-addr-by-name", "m0"),
  repeated("sentinel|get-primary-addr-by-name", "m0"),
  repeated("sentinel|help", "x"),
  repeated("sentinel|explain", "m0"),
  repeated("sentinel|history-id", "m0"),
  behind("sentinel|journal", ["m0"], () => ["COUNT", "1000"]),
  repeated("sentinel|info-cache", "m0"),
  varied("sentinel|info-cache", "names", (index) => `m${index % 100}`),
  repeated("sentinel|is-master-down-by-addr", "127.0.0.1"),
  repeated("sentinel|is-primary-down-by-addr", "127.0.0.1"),
  repeated("sentinel|master", "m0"),
  repeated("sentinel|masters", "x"),
  repeated("sentinel|monitor", "x"),
  repeated("sentinel|myid", "x"),
  repeated("sentinel|reset-epoch", "x"),
  repeated("sentinel|pause", HUGE_CLASS),
  repeated("sentinel|pauses", "m0"),
  repeated("sentinel|pending-scripts", "x"),
  repeated("sentinel|primaries", "x"),
  repeated("sentinel|primary", "m0"),
  repeated("sentinel|remove", "m99"),
  repeated("sentinel|replicas", "m0"),
  repeated("sentinel|reset", HUGE_CLASS),
  repeated("sentinel|resume", HUGE_CLASS),
  repeated("sentinel|sentinels", "m0"),
  behind("sentinel|set", ["m0"], constantly("quorum", "2")),
  behind(
    "sentinel|set",
    ["m0"],
    constantly("down-after-milliseconds", "60000"),
    "of all instances",
  ),
  behind("sentinel|set", ["m0"], constantly("auth-pass", "x"), "reconnecting"),
  behind("sentinel|set", ["m0"], (index) => ["rename-command", `a${index}`, "b"], "renames"),
  repeated("sentinel|simulate-failure", "help-me-not"),
  repeated("sentinel|slaves", "m0"),
  repeated("shutdown", "NOSAVE", "x"),
  varied("subscribe", "channels", (index) => `c${index}`),
  varied("unsubscribe", "channels", (index) => `c${index}`),
];

function constantly(...words: readonly string[]): () => readonly string[] {
  return () => words;
}

/** Its units as often as `most` words and `mostBytes` allow, once at least. */
export function wordsOf({ head, unit }: Costly, most: number, mostBytes: number): string[] {
  const words = [...head];
  let bytes = words.reduce((sum, word) => sum + sizeOf(word), 0);
  for (let index = 0; ; index++) {
    const next = unit(index);
    bytes += next.reduce((sum, word) => sum + sizeOf(word), 0);
    const isTooMuch = words.length + next.length > most || bytes > mostBytes;
    if (index > 0 && isTooMuch) return words;
    for (const word of next) words.push(word);
  }
}

/** With its header, `$65536\r\n` at most, and CR LF. */
function sizeOf(word: string): number {
  return word.length + 10;
}
