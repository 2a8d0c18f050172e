/** Case folded as C does: ASCII letters only, so that no byte of another encoding changes. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
