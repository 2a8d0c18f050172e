interface Target {
  /** Before the question mark, as it came. */
  readonly path: string;
  /** Between the slashes, as byte strings: a name may be of any bytes, and hold a slash as `%2F`. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** Takes the target of a request apart; null: it is no path of ours. */
export function partsOf(url: string): Target | null {
  const [, path, query = ""] = /^(\/[!-"$->@-~]*)(?:\?(.*))?$/s.exec(url) ?? [];
  if (path === undefined) return null;
  const [, ...parts] = path.split("/");
  return { path, parts: parts.map(bytesOfPart), query: new URLSearchParams(query) };
}

/** A percent sign that begins no byte stands for itself. */
function bytesOfPart(part: string): string {
  return part.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
