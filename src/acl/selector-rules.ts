import type { AclCommand, AclCommands } from "./commands.ts";
import { hasSpaces, type PubsubDefault, type Selector } from "./user.ts";

/** Why a rule is refused [CMD-ACL]. */
export type RuleFailure =
  | "Syntax error"
  | "Unknown command or category name in ACL"
  | "The password you are trying to remove from the user does not exist"
  | "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
  | "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
  | "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
  | "Allowing first-arg of a subcommand is not supported"
  | typeof TOO_MANY_RULES;

export const UNKNOWN_NAME: RuleFailure = "Unknown command or category name in ACL";
const USELESS_KEY: RuleFailure =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns";
const USELESS_CHANNEL: RuleFailure =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels";

/** `db=0,1`: the databases that a user of Valkey may select. */
const DATABASES = /^db=\d{1,5}(,\d{1,5})*$/i;

/** `MAX_ACL_RULES` */
export const TOO_MANY_RULES = "A user has at most 4096 rules at a Sentinel";

/** What the rules of a user refer to. */
export interface RuleContext {
  readonly commands: AclCommands;
  readonly pubsubDefault: PubsubDefault;
}

/** Applies a rule about commands, keys or channels. */
export function applySelectorRule(
  ctx: RuleContext,
  to: Selector,
  rule: string,
): RuleFailure | null {
  const change = SELECTOR_RULES[rule.toLowerCase()];
  if (change !== undefined) {
    change(to, ctx);
    return null;
  }
  switch (rule[0]) {
    case "~":
    case "%":
      return addKeyPattern(to, rule);
    case "&":
      return addChannel(to, rule.slice(1));
    case "+":
    case "-":
      return rule[1] === "@"
        ? changeCategory(ctx.commands, to, rule.slice(2), rule[0] === "+")
        : changeCommand(ctx.commands, to, rule.slice(1), rule[0] === "+");
    default:
      if (!DATABASES.test(rule)) return "Syntax error";
      selectDatabases(to, rule.toLowerCase());
      return null;
  }
}

function selectDatabases(selector: Selector, rule: string): void {
  if (!selector.databases.includes(rule)) selector.databases.push(rule);
}

type SelectorChange = (selector: Selector, ctx: RuleContext) => void;

const allKeys: SelectorChange = (selector) => {
  selector.allKeys = true;
  selector.keys = new Map();
};
const allChannels: SelectorChange = (selector) => {
  selector.allChannels = true;
  selector.channels = new Set();
};
const everyCommand: SelectorChange = (selector, ctx) => {
  setEveryCommand(selector, true);
  selector.commands = new Set(ctx.commands.all().map((spec) => spec.fullName));
};
const noCommand: SelectorChange = (selector) => {
  setEveryCommand(selector, false);
};

const SELECTOR_RULES: Readonly<Record<string, SelectorChange>> = {
  __proto__: null as never,
  allkeys: allKeys,
  "~*": allKeys,
  resetkeys: (selector) => {
    selector.allKeys = false;
    selector.keys = new Map();
  },
  allchannels: allChannels,
  "&*": allChannels,
  resetchannels: (selector) => {
    selector.allChannels = false;
    selector.channels = new Set();
  },
  // All databases is what a user has who has no word about them, and older servers know none.
  alldbs: (selector) => {
    selector.databases = [];
  },
  resetdbs: (selector) => {
    selector.databases = ["resetdbs"];
  },
  allcommands: everyCommand,
  "+@all": everyCommand,
  nocommands: noCommand,
  "-@all": noCommand,
};

function setEveryCommand(selector: Selector, allowed: boolean): void {
  selector.everyCommand = allowed;
  selector.commands = new Set();
  selector.firstArgs = new Map();
  selector.commandRules = new Map();
}

/** `~p`, `%R~p`, `%W~p`, `%RW~p`. */
function addKeyPattern(selector: Selector, rule: string): RuleFailure | null {
  if (selector.allKeys) return USELESS_KEY;
  const [, letters, pattern] = /^(?:%(r|w|rw|wr))?~([^ \t-\r\0]*)$/i.exec(rule) ?? [];
  if (pattern === undefined) return "Syntax error";
  const read = letters === undefined || /r/i.test(letters);
  const write = letters === undefined || /w/i.test(letters);
  const known = selector.keys.get(pattern);
  if (known === undefined) selector.keys.set(pattern, { pattern, read, write });
  else Object.assign(known, { read: known.read || read, write: known.write || write });
  return null;
}

function addChannel(selector: Selector, channel: string): RuleFailure | null {
  if (selector.allChannels) return USELESS_CHANNEL;
  if (hasSpaces(channel)) return "Syntax error";
  selector.channels.add(channel);
  return null;
}

/** A category reaches its commands, with all their subcommands, and its subcommands. */
function changeCategory(
  commands: AclCommands,
  selector: Selector,
  name: string,
  allow: boolean,
): RuleFailure | null {
  const category = name.toLowerCase();
  const members = commands.inCategory(category);
  if (members === undefined) return UNKNOWN_NAME;
  for (const spec of members) changeSpec(selector, spec, allow);
  recordRule(selector, `@${category}`, allow);
  return null;
}

function changeCommand(
  commands: AclCommands,
  selector: Selector,
  name: string,
  allow: boolean,
): RuleFailure | null {
  const spec = commands.find(name);
  if (spec !== undefined) {
    changeSpec(selector, spec, allow);
    recordRule(selector, spec.fullName, allow);
    return null;
  }
  return allow ? allowFirstArg(commands, selector, name) : UNKNOWN_NAME;
}

/** `+ping|word`: a command that has no subcommands may be run with this first argument only. */
function allowFirstArg(
  commands: AclCommands,
  selector: Selector,
  name: string,
): RuleFailure | null {
  const bar = name.lastIndexOf("|");
  const spec = bar === -1 ? undefined : commands.find(name.slice(0, bar));
  if (spec === undefined) return UNKNOWN_NAME;
  if (spec.fullName.includes("|")) return "Allowing first-arg of a subcommand is not supported";
  if (bar === name.length - 1) return "Syntax error";
  if (spec.subcommands.size > 0) return UNKNOWN_NAME;
  const word = name.slice(bar + 1).toLowerCase();
  // Such a word could not be read back from an ACL file, which knows no quotes.
  if (hasSpaces(word)) return "Syntax error";
  const words = selector.firstArgs.get(spec.fullName) ?? new Set();
  selector.firstArgs.set(spec.fullName, words.add(word));
  recordRule(selector, `${spec.fullName}|${word}`, true);
  return null;
}

/** A container carries its subcommands along. */
function changeSpec(selector: Selector, spec: AclCommand, allow: boolean): void {
  for (const { fullName } of [spec, ...spec.subcommands.values()]) {
    if (allow) selector.commands.add(fullName);
    else selector.commands.delete(fullName);
    selector.firstArgs.delete(fullName);
  }
}

/** A rule makes earlier rules about the same command, or about its subcommands, pointless. */
function recordRule({ commandRules }: Selector, subject: string, allow: boolean): void {
  // Nothing is below a subcommand, a first argument or a category.
  if (!/[|@]/.test(subject)) {
    for (const earlier of commandRules.keys()) {
      if (earlier.startsWith(`${subject}|`)) commandRules.delete(earlier);
    }
  }
  commandRules.delete(subject);
  commandRules.set(subject, allow);
}
