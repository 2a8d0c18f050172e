/**
 * The core and the configuration speak byte strings (one character per byte, latin1); Node speaks
 * UTF-16 for paths, arguments, passphrases and the environment. These two cross the border.
 */

/** The UTF-8 bytes of `text`, as a byte string. */
export function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** What the bytes say in UTF-8: a path for `fs`, a word for `spawn`, a value for JSON. */
export function textOf(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
