/**
 * Redis's glob: `*`, `?`, `[a-z]`, `[^..]`, `\` (stringmatch in util.c). Costs no more than the
 * pattern and {@link MAX_STEPS_PER_CHARACTER} times the text, whatever the pattern.
 */
export function globMatches(pattern: string, text: string): boolean {
  return globMatcher(pattern)(text);
}

/**
 * Only what is longer than this behind one star can need more, on a text made for it, and then
 * counts as no match. Redis gives up so, too, at a thousand stars (CVE-2024-31228); without an end
 * a word of 32 KiB against one of 64 KiB took eleven seconds.
 */
export const MAX_STEPS_PER_CHARACTER = 16;

/** Longer compiled patterns are not kept: only texts as long as they are could match. */
const MAX_KEPT_TOKENS = 1024;

/**
 * The pattern as a test of texts, for a pattern that is used more than once. A client chooses the
 * pattern: a class of a megabyte is read here, once, and a test allocates nothing.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const compiled = compile(pattern);
  // A match has at least one character for each token that is no star.
  const shortest = compiled.tokens.filter((token) => token !== STAR).length;
  if (shortest > MAX_KEPT_TOKENS) {
    return (text) => text.length >= shortest && matches(compile(pattern), text);
  }
  return (text) => text.length >= shortest && matches(compiled, text);
}

/** Any number of characters. */
const STAR = -1;
/** Any single one. */
const ANY = -2;
/** One of the first class; the next is one less. */
const FIRST_CLASS = -3;

/** Small numbers alone, since a hostile pattern is walked millions of times. */
interface Compiled {
  /** Each is {@link STAR}, {@link ANY}, a class, or the code of the one character. */
  readonly tokens: readonly number[];
  readonly classes: readonly CharClass[];
}

interface CharClass {
  readonly negated: boolean;
  /** One bit for each byte value. */
  readonly bytes: Uint32Array;
  /** What reaches beyond byte values, which only names of files do. */
  readonly wide: readonly (readonly [low: number, high: number])[];
}

function matches({ tokens, classes }: Compiled, text: string): boolean {
  let at = 0;
  let next = 0;
  let starAt = -1;
  let retryAt = 0;
  let stepsLeft = text.length * MAX_STEPS_PER_CHARACTER;
  while (at < text.length) {
    const token = tokens[next];
    const code = text.charCodeAt(at);
    if (token === code) {
      next++;
      at++;
    } else if (token === STAR) {
      starAt = ++next;
      retryAt = at;
    } else if (token !== undefined && (token === ANY || accepts(classes, token, code))) {
      next++;
      at++;
    } else if (starAt >= 0) {
      // What was matched since the star is looked at once more.
      stepsLeft -= at - retryAt + 1;
      if (stepsLeft < 0) return false;
      next = starAt;
      at = ++retryAt;
    } else return false;
  }
  if (tokens[next] === STAR) next++;
  return next >= tokens.length;
}

/** Of a token that is neither this very character nor any. */
function accepts(classes: readonly CharClass[], token: number, code: number): boolean {
  const charClass = token <= FIRST_CLASS ? classes[FIRST_CLASS - token] : undefined;
  return charClass !== undefined && contains(charClass, code) !== charClass.negated;
}

function contains({ bytes, wide }: CharClass, code: number): boolean {
  if (code > 0xff) return wide.some(([low, high]) => code >= low && code <= high);
  return ((bytes[code >> 5] ?? 0) & (1 << (code & 31))) !== 0;
}

/** Stars that follow each other are one. Each character is looked at once. */
function compile(pattern: string): Compiled {
  const tokens: number[] = [];
  const classes: CharClass[] = [];
  let at = 0;
  while (at < pattern.length) {
    const char = pattern[at];
    if (char === "[") {
      const read = readClass(pattern, at);
      tokens.push(FIRST_CLASS - classes.length);
      classes.push(read.charClass);
      at = read.end;
      continue;
    }
    if (char === "*") {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (char === "?") tokens.push(ANY);
    else {
      if (isEscape(pattern, at)) at++;
      tokens.push(pattern.charCodeAt(at));
    }
    at++;
  }
  return { tokens, classes };
}

function isEscape(pattern: string, at: number): boolean {
  return pattern.charCodeAt(at) === BACKSLASH && at + 1 < pattern.length;
}

const BACKSLASH = 0x5c;
const CLOSING = 0x5d;
const DASH = 0x2d;

/**
 * The class that begins at `start` and where it ends. A member is a character or a range, each perhaps
 * behind a backslash; without its closing bracket a class reaches to the end of the pattern.
 */
function readClass(pattern: string, start: number): { charClass: CharClass; end: number } {
  const bytes = new Uint32Array(8);
  const wide: [number, number][] = [];
  const negated = pattern[start + 1] === "^";
  let at = start + (negated ? 2 : 1);
  while (at < pattern.length && pattern.charCodeAt(at) !== CLOSING) {
    if (isEscape(pattern, at)) at++;
    const first = pattern.charCodeAt(at);
    if (pattern.charCodeAt(at + 1) === DASH && at + 2 < pattern.length) {
      const last = pattern.charCodeAt(at + 2);
      addRange(bytes, wide, Math.min(first, last), Math.max(first, last));
      at += 3;
      continue;
    }
    if (first > 0xff) wide.push([first, first]);
    else bytes[first >> 5] = (bytes[first >> 5] ?? 0) | (1 << (first & 31));
    at++;
  }
  return { charClass: { negated, bytes, wide }, end: at + 1 };
}

function addRange(bytes: Uint32Array, wide: [number, number][], low: number, high: number): void {
  if (high > 0xff) wide.push([low, high]);
  const last = Math.min(high, 0xff);
  // A word of bits at a time: a hostile class has millions of ranges.
  for (let word = low >> 5; word <= last >> 5; word++) {
    const from = Math.max(low - word * 32, 0);
    const to = Math.min(last - word * 32, 31);
    bytes[word] = (bytes[word] ?? 0) | ((0xffffffff >>> (31 - to)) & (0xffffffff << from));
  }
}
