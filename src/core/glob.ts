/**
 * Redis's glob: `*`, `?`, `[a-z]`, `[^..]`, `\` (stringmatch in util.c). Runs in
 * O(pattern x text) whatever the number of stars.
 */
export function globMatches(pattern: string, text: string): boolean {
  return globMatcher(pattern)(text);
}

/** Longer compiled patterns are not kept: only texts as long as they are could match. */
const MAX_KEPT_TOKENS = 1024;

/**
 * The pattern as a test of texts, for a pattern that is used more than once. A client chooses the
 * pattern: a class of a megabyte is read here, once, and a test allocates nothing.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const shortest = shortestMatch(pattern);
  if (shortest > MAX_KEPT_TOKENS) {
    return (text) => text.length >= shortest && matches(compile(pattern), text);
  }
  const tokens = compile(pattern);
  return (text) => text.length >= shortest && matches(tokens, text);
}

/** Any number of characters, any single one, this one, or one of a class. */
type Token = "star" | "any" | number | CharClass;

interface CharClass {
  readonly negated: boolean;
  /** One bit for each byte value. */
  readonly bytes: Uint32Array;
  /** What reaches beyond byte values, which only names of files do. */
  readonly wide: readonly (readonly [low: number, high: number])[];
}

function matches(tokens: readonly Token[], text: string): boolean {
  let at = 0;
  let next = 0;
  let starAt = -1;
  let retryAt = 0;
  while (at < text.length) {
    const token = tokens[next];
    if (token === "star") {
      starAt = ++next;
      retryAt = at;
    } else if (token !== undefined && accepts(token, text.charCodeAt(at))) {
      next++;
      at++;
    } else if (starAt >= 0) {
      next = starAt;
      at = ++retryAt;
    } else return false;
  }
  if (tokens[next] === "star") next++;
  return next >= tokens.length;
}

function accepts(token: Exclude<Token, "star">, code: number): boolean {
  if (token === "any") return true;
  return typeof token === "number" ? token === code : contains(token, code) !== token.negated;
}

function contains({ bytes, wide }: CharClass, code: number): boolean {
  if (code > 0xff) return wide.some(([low, high]) => code >= low && code <= high);
  return ((bytes[code >> 5] ?? 0) & (1 << (code & 31))) !== 0;
}

/** How many characters a match has at least: one for each token that is no star. */
function shortestMatch(pattern: string): number {
  let count = 0;
  for (let at = 0; at < pattern.length; at = tokenEnd(pattern, at)) {
    if (pattern[at] !== "*") count++;
  }
  return count;
}

/** Stars that follow each other are one. */
function compile(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at = tokenEnd(pattern, at)) {
    const token = readToken(pattern, at);
    if (token !== "star" || tokens.at(-1) !== "star") tokens.push(token);
  }
  return tokens;
}

function readToken(pattern: string, at: number): Token {
  const char = pattern[at];
  if (char === "*") return "star";
  if (char === "?") return "any";
  if (char === "[") return readClass(pattern, at);
  return pattern.charCodeAt(isEscape(pattern, at) ? at + 1 : at);
}

function tokenEnd(pattern: string, at: number): number {
  if (pattern[at] === "[") return classEnd(pattern, at);
  return at + (isEscape(pattern, at) ? 2 : 1);
}

function isEscape(pattern: string, at: number): boolean {
  return pattern[at] === "\\" && at + 1 < pattern.length;
}

/** A class without its closing bracket reaches to the end of the pattern. */
function classEnd(pattern: string, start: number): number {
  let at = classStart(pattern, start);
  while (at < pattern.length && pattern[at] !== "]") at = memberEnd(pattern, at);
  return at + 1;
}

function classStart(pattern: string, start: number): number {
  return start + (pattern[start + 1] === "^" ? 2 : 1);
}

/** A member is a character or a range, each perhaps behind a backslash. */
function memberEnd(pattern: string, at: number): number {
  const low = isEscape(pattern, at) ? at + 1 : at;
  return low + (isRange(pattern, low) ? 3 : 1);
}

function isRange(pattern: string, low: number): boolean {
  return pattern[low + 1] === "-" && low + 2 < pattern.length;
}

function readClass(pattern: string, start: number): CharClass {
  const bytes = new Uint32Array(8);
  const wide: [number, number][] = [];
  const end = classEnd(pattern, start) - 1;
  for (let at = classStart(pattern, start); at < end; at = memberEnd(pattern, at)) {
    const low = isEscape(pattern, at) ? at + 1 : at;
    const first = pattern.charCodeAt(low);
    const last = isRange(pattern, low) ? pattern.charCodeAt(low + 2) : first;
    addRange(bytes, wide, Math.min(first, last), Math.max(first, last));
  }
  return { negated: pattern[start + 1] === "^", bytes, wide };
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
