/**
 * Redis's glob: `*`, `?`, `[a-z]`, `[^..]`, `\` (stringmatch in util.c). Runs in
 * O(pattern x text) whatever the number of stars.
 */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let p = 0;
  let starAt = -1;
  let retryAt = 0;
  while (at < text.length) {
    const token = p < pattern.length ? readToken(pattern, p) : null;
    if (token?.kind === "star") {
      starAt = token.next;
      retryAt = at;
      p = token.next;
    } else if (token?.matches(text.charCodeAt(at))) {
      p = token.next;
      at++;
    } else if (starAt >= 0) {
      p = starAt;
      at = ++retryAt;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p >= pattern.length;
}

type Token =
  | { kind: "star"; next: number }
  | { kind: "one"; next: number; matches: (code: number) => boolean };

function readToken(pattern: string, at: number): Token {
  const char = pattern[at];
  if (char === "*") return { kind: "star", next: at + 1 };
  if (char === "?") return { kind: "one", next: at + 1, matches: () => true };
  if (char === "[") return readClass(pattern, at + 1);
  const escaped = char === "\\" && at + 1 < pattern.length;
  const literal = pattern.charCodeAt(escaped ? at + 1 : at);
  return { kind: "one", next: at + (escaped ? 2 : 1), matches: (code) => code === literal };
}

/** A class without its closing bracket reaches to the end of the pattern. */
function readClass(pattern: string, start: number): Token {
  const negated = pattern[start] === "^";
  const ranges: [number, number][] = [];
  let at = negated ? start + 1 : start;
  while (at < pattern.length && pattern[at] !== "]") {
    if (pattern[at] === "\\" && at + 1 < pattern.length) at++;
    const low = pattern.charCodeAt(at);
    const isRange = pattern[at + 1] === "-" && at + 2 < pattern.length;
    const high = isRange ? pattern.charCodeAt(at + 2) : low;
    ranges.push([Math.min(low, high), Math.max(low, high)]);
    at += isRange ? 3 : 1;
  }
  const inside = (code: number) => ranges.some(([low, high]) => code >= low && code <= high);
  return { kind: "one", next: at + 1, matches: (code) => inside(code) !== negated };
}
