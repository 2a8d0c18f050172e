/** A copy of its own: a part that V8 cut out of a text keeps the whole text in memory. */
export function detached(text: string): string {
  return String(JSON.parse(JSON.stringify(text)));
}

/** Case folded as C does: ASCII letters only, so that no byte of another encoding changes. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
