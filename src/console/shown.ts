import { textOf } from "../base/bytes.ts";

/** What would move the cursor, change colours, or turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffd]/g;

/** Bytes of others as they are shown on a terminal: UTF-8, and what acts on a terminal is escaped. */
export function shown(bytes: string): string {
  return escaped(textOf(bytes));
}

/** The same of text that is no bytes, such as the message of an error. */
export function escaped(text: string): string {
  return text.replace(UNSEEN, (one) => {
    const code = one.charCodeAt(0);
    if (one === "\n") return "\\n";
    if (one === "\r") return "\\r";
    if (one === "\t") return "\\t";
    const digits = code.toString(16);
    return code < 0x100 ? `\\x${digits.padStart(2, "0")}` : `\\u${digits.padStart(4, "0")}`;
  });
}
