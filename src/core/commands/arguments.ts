import type { Context } from "../context.ts";
import { error, type Reply } from "../reply.ts";
import type { Master } from "../state.ts";

export const NO_SUCH_MASTER: Reply = error("ERR No such master with that name");
export const NOT_AN_INTEGER: Reply = error("ERR value is not an integer or out of range");

/** A decimal without sign tricks, spaces or leading zeros, in 64 bit (string2ll); else null. */
export function strictInteger(text: string): bigint | null {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return null;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : null;
}

/** A strict decimal above zero that fits a number exactly, else null. */
export function positive(text: string): number | null {
  const value = strictInteger(text);
  return value !== null && value > 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : null;
}

export function findMaster(ctx: Context, name: string | undefined): Master | undefined {
  return ctx.state.masters.get(name ?? "");
}

/**
 * Such a byte in a name or a value would let whoever may run SENTINEL SET write lines of its own
 * into the configuration file of a Sentinel that does not quote [D-CONTROL-CHARS].
 */
export function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  return /[\x00-\x1f\x7f]/.test(text);
}

/** `where`: `name of a master`, `value of 'auth-pass'`. */
export function controlCharacter(where: string): Reply {
  return error(`ERR Control characters are not allowed in the ${where}`);
}
