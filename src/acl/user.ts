import { quoteAlways, quoteArg } from "../base/tokenize.ts";

/** A pattern of keys with what may be done to them. A Sentinel has no keys; the text is kept. */
interface KeyPattern {
  readonly pattern: string;
  read: boolean;
  write: boolean;
}

/** One set of permissions. A request is allowed if any single selector of the user allows it. */
export interface Selector {
  /** `+@all` came last: commands of later versions would be allowed too. */
  everyCommand: boolean;
  /** Full names that may run. */
  commands: Set<string>;
  /** `+name|word` of a command without subcommands: the first arguments it may have. */
  firstArgs: Map<string, Set<string>>;
  /**
   * The rules after the last `@all`, by what they are about (`ping`, `@admin`) and whether they
   * allow it, in the order in which the canonical text repeats them: `+ping -@admin`.
   */
  commandRules: Map<string, boolean>;
  allKeys: boolean;
  /** By the pattern. */
  keys: Map<string, KeyPattern>;
  allChannels: boolean;
  channels: Set<string>;
  /** Valkey's rules about databases as they stand, `resetdbs` or `db=`; a Sentinel has none. */
  databases: string[];
}

export interface AclUser {
  readonly name: string;
  enabled: boolean;
  /** Any password is accepted. */
  nopass: boolean;
  sanitizePayload: boolean;
  /** SHA-256 in lower-case hexadecimal. */
  passwords: Set<string>;
  root: Selector;
  selectors: Selector[];
}

export type PubsubDefault = "allchannels" | "resetchannels";

export function createSelector(pubsubDefault: PubsubDefault): Selector {
  return {
    everyCommand: false,
    commands: new Set(),
    firstArgs: new Map(),
    commandRules: new Map(),
    allKeys: false,
    keys: new Map(),
    allChannels: pubsubDefault === "allchannels",
    channels: new Set(),
    databases: [],
  };
}

/** What no name, pattern or first argument may hold (ACLStringHasSpaces). */
export function hasSpaces(text: string): boolean {
  return /[ \t-\r\0]/.test(text);
}

/** A new user is off and may do nothing. */
export function createUser(name: string, pubsubDefault: PubsubDefault): AclUser {
  return {
    name,
    enabled: false,
    nopass: false,
    sanitizePayload: true,
    passwords: new Set(),
    root: createSelector(pubsubDefault),
    selectors: [],
  };
}

/** The canonical text of a user after the word `user`, as ACL LIST shows it. */
export function describeUser(user: AclUser): string {
  const selectors = user.selectors.map((selector) => `(${selectorWords(selector).join(" ")})`);
  return [...wordsOf(user), ...selectors].join(" ");
}

/**
 * The same for an ACL file. The reference splits its lines at each space and knows no quotes in
 * them, except within a selector.
 */
export function userForAclFile(user: AclUser): string {
  return [...wordsOf(user), ...user.selectors.map(quotedSelector)].join(" ");
}

/** The same for the configuration file, whose words may be quoted. */
export function userForConfig(user: AclUser): string {
  const selectors = user.selectors.map((selector) => {
    const text = quotedSelector(selector);
    return /["']/.test(text) ? quoteArg(text) : text;
  });
  return [...wordsOf(user).map(quoteArg), ...selectors].join(" ");
}

/** Name and rules that build the user again, without its selectors. */
function wordsOf(user: AclUser): string[] {
  const hashes = [...user.passwords].map((hash) => `#${hash}`);
  return [user.name, ...userFlags(user), ...hashes, ...loadableWords(user.root)];
}

function quotedSelector(selector: Selector): string {
  return `(${loadableWords(selector).map(quoteInSelector).join(" ")})`;
}

/** A word that ends in a parenthesis would end the selector. */
function quoteInSelector(word: string): string {
  return word.includes(")") ? quoteAlways(word) : quoteArg(word);
}

/** How many rules its text has; one in parentheses counts as some. */
export function ruleCount(user: AclUser): number {
  const own = ({ keys, channels, commandRules }: Selector) =>
    keys.size + channels.size + commandRules.size;
  const inSelectors = user.selectors.reduce((sum, one) => sum + RULES_OF_SELECTOR + own(one), 0);
  return user.passwords.size + own(user.root) + inSelectors;
}

const RULES_OF_SELECTOR = 8;

export function userFlags(user: AclUser): string[] {
  return [
    user.enabled ? "on" : "off",
    ...(user.nopass ? ["nopass"] : []),
    user.sanitizePayload ? "sanitize-payload" : "skip-sanitize-payload",
  ];
}

/**
 * For a file: `~*` beside other patterns, which `%R~*` and `%W~*` together make, would be all keys to
 * whoever reads it, and no pattern may follow that. A C Sentinel writes it and does not start again.
 */
function loadableWords(selector: Selector): string[] {
  const words = selectorWords(selector);
  const isOneOfSome = !selector.allKeys && selector.keys.size > 1;
  return isOneOfSome ? words.map((word) => (word === "~*" ? "%RW~*" : word)) : words;
}

function selectorWords(selector: Selector): string[] {
  const channels = selector.allChannels ? ["&*"] : ["resetchannels", ...channelWords(selector)];
  return [...keyWords(selector), ...channels, ...selector.databases, ...commandWords(selector)];
}

function commandWords({ everyCommand, commandRules }: Selector): string[] {
  const rules = [...commandRules].map(([subject, allow]) => (allow ? "+" : "-") + subject);
  return [everyCommand ? "+@all" : "-@all", ...rules];
}

function keyWords({ allKeys, keys }: Selector): string[] {
  return allKeys ? ["~*"] : [...keys.values()].map(describeKey);
}

function channelWords({ allChannels, channels }: Selector): string[] {
  return allChannels ? ["&*"] : [...channels].map((channel) => `&${channel}`);
}

export function describeCommands(selector: Selector): string {
  return commandWords(selector).join(" ");
}

export function describeKeys(selector: Selector): string {
  return keyWords(selector).join(" ");
}

export function describeChannels(selector: Selector): string {
  return channelWords(selector).join(" ");
}

function describeKey({ pattern, read, write }: KeyPattern): string {
  if (read && write) return `~${pattern}`;
  return `%${read ? "R" : "W"}~${pattern}`;
}
