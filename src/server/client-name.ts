import { MAX_NAME_BYTES } from "../core/limits.ts";

/** Names appear in CLIENT LIST, where a space would begin another field. */
export function isClientName(text: string): boolean {
  return /^[!-~]*$/.test(text);
}

/** CLIENT LIST shows the names of all clients in one text. */
export function isTooLongName(text: string): boolean {
  return text.length > MAX_NAME_BYTES;
}
