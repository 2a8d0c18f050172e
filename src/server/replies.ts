import { error, type Reply } from "../base/reply.ts";
import { MAX_NAME_BYTES } from "../core/limits.ts";

export const SYNTAX_ERROR = error("ERR syntax error");
export const NOT_AN_INTEGER = error("ERR value is not an integer or out of range");
export const WRONG_PASSWORD = error(
  "WRONGPASS invalid username-password pair or user is disabled.",
);
export const BAD_CLIENT_NAME = error(
  "ERR Client names cannot contain spaces, newlines or special characters.",
);
export const LONG_NAME = error(`ERR a name has at most ${MAX_NAME_BYTES} bytes at a Sentinel`);
export const NO_CHANNEL_PERMISSION = error("NOPERM No permissions to access a channel");

/** Longest part of a client's words that an error repeats. */
const MAX_QUOTED = 128;

/** The reference prints words as text of C, which a NUL byte ends. */
function quotable(word: string, maxLength = MAX_QUOTED): string {
  const nul = word.indexOf("\0");
  return word.slice(0, nul === -1 ? maxLength : Math.min(nul, maxLength));
}

export function wrongArity(fullName: string): Reply {
  return error(`ERR wrong number of arguments for '${fullName}' command`);
}

export function unknownCommand(args: readonly string[]): Reply {
  const [name = "", ...rest] = args;
  let list = "";
  for (const word of rest) {
    if (list.length >= MAX_QUOTED) break;
    list += `'${quotable(word, MAX_QUOTED - list.length)}' `;
  }
  return error(`ERR unknown command '${quotable(name)}', with args beginning with: ${list}`);
}

export function unknownSubcommand(container: string, typed: string): Reply {
  const help = `Try ${container.toUpperCase()} HELP.`;
  return error(`ERR unknown subcommand '${quotable(typed)}'. ${help}`);
}

/** For subcommands that count their arguments themselves. */
export function wrongSubcommandArguments(container: string, typed: string): Reply {
  const subject = `'${quotable(typed)}'. Try ${container.toUpperCase()} HELP.`;
  return error(`ERR unknown subcommand or wrong number of arguments for ${subject}`);
}

export function noPermission(user: string, fullName: string): Reply {
  return error(`NOPERM User ${user} has no permissions to run the '${fullName}' command`);
}
