/**
 * The line grammar of the configuration file and of inline requests [FILE-GRAMMAR]. All text is a
 * byte string: one character per byte, never decoded.
 */

/** What C's isspace accepts: it may stand before a word and behind a closing quote. */
const SPACE = " \t\n\v\f\r";
/** The bytes of a word up to its end or a quote; unlike C's isspace, \v and \f do not end it. */
const UNQUOTED = /[^ \t\n\r"']*/y;
const HEX_PAIR = /^[0-9a-fA-F]{2}$/;
/** Printable ASCII or any high byte, neither space nor quote: safe to stand without quotes. */
const PLAIN_WORD = /^[!#-&(-~\x80-\xff]+$/;

const ESCAPED: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  a: "\x07",
};
const ESCAPE_OF: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\x07": "\\a",
  '"': '\\"',
  "\\": "\\\\",
};

/** What only a careful reading can split: quotes, the byte that ends a text in C, rarer spaces. */
const NOT_PLAIN = /["'\0\t\n\v\f\r]/;

/**
 * Splits a line into words, of which the first `atLeast` are asked for; null when a quote is
 * unbalanced or glued to a following byte.
 */
export function splitArgs(line: string, atLeast?: number): string[] | null {
  if (NOT_PLAIN.test(line)) return splitQuoted(line);
  const words = line.split(" ", atLeast);
  return words.includes("") ? line.split(" ").filter((word) => word !== "") : words;
}

function splitQuoted(line: string): string[] | null {
  const words: string[] = [];
  // C ends its text at the first NUL byte; so do we, a quote left open by it is unbalanced [D-NUL].
  const end = line.indexOf("\0");
  const text = end === -1 ? line : line.slice(0, end);
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const word = readWord(text, at);
    if (word === null) return null;
    words.push(word.value);
    at = skipSpace(text, word.end);
  }
  return words;
}

/** The text as one word that {@link splitArgs} (and C) reads back byte for byte. */
export function quoteArg(text: string): string {
  return PLAIN_WORD.test(text) ? text : quoteAlways(text);
}

/** The text in double quotes, as C writes its string directives. */
export function quoteAlways(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: bytes that need an escape.
  return `"${text.replace(/["\\\x00-\x1f\x7f-\xff]/g, escapeByte)}"`;
}

/** Removes the bytes that C trims from both ends of each line. */
export function trimLine(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && isTrimmed(line.charCodeAt(start))) start++;
  while (end > start && isTrimmed(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

interface Word {
  readonly value: string;
  readonly end: number;
}

/** Reads an unquoted beginning, and a quoted rest if a quote opens: that ends the word. */
function readWord(text: string, start: number): Word | null {
  UNQUOTED.lastIndex = start;
  const value = UNQUOTED.exec(text)?.[0] ?? "";
  const at = start + value.length;
  const quote = text.charAt(at);
  if (quote !== '"' && quote !== "'") return { value, end: at };
  const rest = quote === '"' ? readDoubleQuoted(text, at + 1) : readSingleQuoted(text, at + 1);
  if (rest === null || !endsWord(text, rest.end)) return null;
  return { value: value + rest.value, end: rest.end };
}

function readDoubleQuoted(text: string, start: number): Word | null {
  let value = "";
  let at = start;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return { value, end: at + 1 };
    if (char !== "\\" || at + 1 === text.length) {
      value += char;
      at++;
      continue;
    }
    const escaped = readEscape(text, at + 1);
    value += escaped.value;
    at = escaped.end;
  }
  return null;
}

function readEscape(text: string, at: number): Word {
  const char = text.charAt(at);
  const pair = text.slice(at + 1, at + 3);
  if (char === "x" && HEX_PAIR.test(pair)) {
    return { value: String.fromCharCode(Number.parseInt(pair, 16)), end: at + 3 };
  }
  return { value: ESCAPED[char] ?? char, end: at + 1 };
}

function readSingleQuoted(text: string, start: number): Word | null {
  let value = "";
  let at = start;
  while (at < text.length) {
    if (text.startsWith("\\'", at)) {
      value += "'";
      at += 2;
      continue;
    }
    const char = text.charAt(at);
    if (char === "'") return { value, end: at + 1 };
    value += char;
    at++;
  }
  return null;
}

function endsWord(text: string, at: number): boolean {
  return at === text.length || SPACE.includes(text.charAt(at));
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && SPACE.includes(text.charAt(at))) at++;
  return at;
}

function escapeByte(char: string): string {
  return ESCAPE_OF[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

function isTrimmed(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
