import { array, bulk, map, type Reply, status } from "../../base/reply.ts";

/** One argument of a command as COMMAND DOCS shows it; redis-cli makes its hints of them. */
export interface Argument {
  readonly name: string;
  readonly type: "string" | "integer" | "pattern" | "pure-token" | "oneof" | "block";
  readonly token?: string;
  readonly optional?: true;
  readonly multiple?: true;
  /** The token is repeated before each value. */
  readonly multipleToken?: true;
  /** What hints show in place of the name. */
  readonly display?: string;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly parts?: readonly Argument[];
}

type Mark = Omit<Argument, "name" | "type" | "parts">;

export const OPTIONAL = { optional: true } as const;
export const MULTIPLE = { multiple: true } as const;

export function textWord(name: string, mark: Mark = {}): Argument {
  return { name, type: "string", ...mark };
}

export function integerWord(name: string, mark: Mark = {}): Argument {
  return { name, type: "integer", ...mark };
}

export function patternWord(name: string, mark: Mark = {}): Argument {
  return { name, type: "pattern", ...mark };
}

/** A word that stands for itself. */
export function word(token: string, mark: Mark = {}): Argument {
  return { name: token.toLowerCase(), type: "pure-token", token, ...mark };
}

/** Four options of CLIENT TRACKING are named in capitals. */
export function loudWord(token: string): Argument {
  return { name: token, type: "pure-token", token, ...OPTIONAL };
}

/** In the reference these have no token, so that hints show their names. */
export function tokenless(name: string): Argument {
  return { name, type: "pure-token" };
}

export function oneOf(name: string, parts: readonly Argument[], mark: Mark = {}): Argument {
  return { name, type: "oneof", parts, ...mark };
}

export function block(name: string, parts: readonly Argument[], mark: Mark = {}): Argument {
  return { name, type: "block", parts, ...mark };
}

/** Fields in the order of the reference; a block has no text of its own to display. */
export function describeArgument(argument: Argument): Reply {
  const { name, type, display = name, token, since, deprecatedSince, parts } = argument;
  const flags = flagsOf(argument);
  const entries: (readonly [Reply, Reply])[] = [
    [bulk("name"), bulk(name)],
    [bulk("type"), bulk(type)],
  ];
  if (type !== "block" && type !== "oneof") entries.push([bulk("display_text"), bulk(display)]);
  if (token !== undefined) entries.push([bulk("token"), bulk(token)]);
  if (since !== undefined) entries.push([bulk("since"), bulk(since)]);
  if (deprecatedSince !== undefined) {
    entries.push([bulk("deprecated_since"), bulk(deprecatedSince)]);
  }
  if (flags.length > 0) {
    entries.push([bulk("flags"), { type: "set", items: flags.map(status) }]);
  }
  if (parts !== undefined) entries.push([bulk("arguments"), array(parts.map(describeArgument))]);
  return map(entries);
}

function flagsOf({ optional, multiple, multipleToken }: Argument): readonly string[] {
  return [
    ...(optional ? ["optional"] : []),
    ...(multiple ? ["multiple"] : []),
    ...(multipleToken ? ["multiple_token"] : []),
  ];
}
