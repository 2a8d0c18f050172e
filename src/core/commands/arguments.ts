import { error, type Reply } from "../../base/reply.ts";
import type { Context } from "../context.ts";
import type { Master } from "../state.ts";

export const NO_SUCH_MASTER: Reply = error("ERR No such master with that name");
export const NOT_AN_INTEGER: Reply = error("ERR value is not an integer or out of range");

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
