/** A pattern of keys with what may be done to them. A Sentinel has no keys; the text is kept. */
export interface KeyPattern {
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
  /** The rules after the last `@all`, as the canonical text repeats them: `+ping`, `-@admin`. */
  commandRules: string[];
  allKeys: boolean;
  keys: KeyPattern[];
  allChannels: boolean;
  channels: string[];
}

export interface AclUser {
  readonly name: string;
  enabled: boolean;
  /** Any password is accepted. */
  nopass: boolean;
  sanitizePayload: boolean;
  /** SHA-256 in lower-case hexadecimal. */
  passwords: string[];
  root: Selector;
  selectors: Selector[];
}

export type PubsubDefault = "allchannels" | "resetchannels";

export function createSelector(pubsubDefault: PubsubDefault): Selector {
  return {
    everyCommand: false,
    commands: new Set(),
    firstArgs: new Map(),
    commandRules: [],
    allKeys: false,
    keys: [],
    allChannels: pubsubDefault === "allchannels",
    channels: [],
  };
}

/** A new user is off and may do nothing. */
export function createUser(name: string, pubsubDefault: PubsubDefault): AclUser {
  return {
    name,
    enabled: false,
    nopass: false,
    sanitizePayload: true,
    passwords: [],
    root: createSelector(pubsubDefault),
    selectors: [],
  };
}

/** The canonical text of a user after the word `user`: name and rules that build it again. */
export function describeUser(user: AclUser): string {
  const words = [
    user.name,
    ...userFlags(user),
    ...user.passwords.map((hash) => `#${hash}`),
    describeSelector(user.root),
    ...user.selectors.map((selector) => `(${describeSelector(selector)})`),
  ];
  return words.join(" ");
}

export function userFlags(user: AclUser): string[] {
  return [
    user.enabled ? "on" : "off",
    ...(user.nopass ? ["nopass"] : []),
    user.sanitizePayload ? "sanitize-payload" : "skip-sanitize-payload",
  ];
}

function describeSelector(selector: Selector): string {
  const channels = selector.allChannels
    ? ["&*"]
    : ["resetchannels", ...selector.channels.map((channel) => `&${channel}`)];
  const keys = describeKeys(selector);
  return [...(keys === "" ? [] : [keys]), ...channels, describeCommands(selector)].join(" ");
}

export function describeCommands(selector: Selector): string {
  return [selector.everyCommand ? "+@all" : "-@all", ...selector.commandRules].join(" ");
}

export function describeKeys(selector: Selector): string {
  return selector.allKeys ? "~*" : selector.keys.map(describeKey).join(" ");
}

export function describeChannels(selector: Selector): string {
  return selector.allChannels ? "&*" : selector.channels.map((channel) => `&${channel}`).join(" ");
}

function describeKey({ pattern, read, write }: KeyPattern): string {
  if (read && write) return `~${pattern}`;
  return `%${read ? "R" : "W"}~${pattern}`;
}
