/** One value as it stood on the wire: its type mark, and its text or its items. */
export interface Wire {
  /** `+`, `-`, `:`, `$`, `*`, `~`, `%`, `>`, `=`, `,`, `_`, `$-1`, `*-1`. */
  readonly mark: string;
  readonly text: string;
  /** Of a map: key, value, key, value. */
  readonly items: readonly Wire[];
}

interface Parsed {
  readonly value: Wire;
  readonly end: number;
}

/** The first value at `at` of the bytes (latin1), or null if it is not whole yet. */
export function parseWire(input: string, at = 0): Parsed | null {
  const lineEnd = input.indexOf("\r\n", at);
  if (lineEnd === -1) return null;
  const mark = input[at] ?? "";
  const line = input.slice(at + 1, lineEnd);
  const end = lineEnd + 2;
  if (line === "-1" && (mark === "$" || mark === "*")) return leaf(`${mark}-1`, "", end);
  switch (mark) {
    case "$":
    case "=":
    case "!":
      return parseText(mark, input, end, Number(line));
    case "*":
    case "~":
    case ">":
      return parseItems(mark, input, end, Number(line));
    case "%":
    case "|":
      return parseItems(mark, input, end, Number(line) * 2);
    default:
      return leaf(mark, line, end);
  }
}

function leaf(mark: string, text: string, end: number): Parsed {
  return { value: { mark, text, items: [] }, end };
}

function parseText(mark: string, input: string, at: number, length: number): Parsed | null {
  const end = at + length + 2;
  return input.length < end ? null : leaf(mark, input.slice(at, at + length), end);
}

function parseItems(mark: string, input: string, at: number, count: number): Parsed | null {
  const items: Wire[] = [];
  let end = at;
  for (let i = 0; i < count; i++) {
    const item = parseWire(input, end);
    if (item === null) return null;
    items.push(item.value);
    end = item.end;
  }
  return { value: { mark, text: "", items }, end };
}

/** The notation of the specification: `+OK`, `"bulk"`, `:1`, `[..]`, `~[..]`, `%{k: v}`. */
export function showWire({ mark, text, items }: Wire): string {
  switch (mark) {
    case "$":
      return JSON.stringify(text);
    case "=":
      return `=${text.slice(0, 4)}${JSON.stringify(text.slice(4))}`;
    case "*":
      return `[${items.map(showWire).join(", ")}]`;
    case "~":
    case ">":
      return `${mark}[${items.map(showWire).join(", ")}]`;
    case "%":
      return `%{${pairs(items)
        .map(([key, value]) => `${showWire(key)}: ${showWire(value)}`)
        .join(", ")}}`;
    default:
      return mark + text;
  }
}

/** The same values with the items of the arrays and maps that `picks` names in order. */
export function sortWire(value: Wire, picks: (value: Wire, depth: number) => boolean): Wire {
  return sortAt(value, picks, 0);
}

function sortAt(value: Wire, picks: (value: Wire, depth: number) => boolean, depth: number): Wire {
  const items = value.items.map((item) => sortAt(item, picks, depth + 1));
  if (!picks(value, depth)) return { ...value, items };
  if (value.mark !== "%") return { ...value, items: items.sort(byText) };
  return { ...value, items: pairs(items).sort(byKey).flat() };
}

function byText(a: Wire, b: Wire): number {
  return showWire(a) < showWire(b) ? -1 : 1;
}

function byKey([a]: readonly Wire[], [b]: readonly Wire[]): number {
  return a !== undefined && b !== undefined ? byText(a, b) : 0;
}

export function pairs(items: readonly Wire[]): (readonly [Wire, Wire])[] {
  const found: (readonly [Wire, Wire])[] = [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    const [key, value] = items.slice(at, at + 2);
    if (key !== undefined && value !== undefined) found.push([key, value]);
  }
  return found;
}
