import { splitArgs } from "./tokenize.ts";

/**
 * The form of the ACL rules in `user` lines, checked while the file is read. Whether a command
 * exists is asked later, by those who own the command table.
 */

/** What a Sentinel serves. */
export const OWN_COMMANDS: ReadonlySet<string> = new Set([
  ...["acl", "auth", "client", "command", "hello", "info", "ping", "psubscribe", "publish"],
  ...["punsubscribe", "role", "sentinel", "shutdown", "subscribe", "unsubscribe"],
]);

interface BadRule {
  /** Position among the rules, those of a selector counted as one. */
  readonly index: number;
  readonly rule: string;
  readonly reason: string;
}

const SYNTAX_ERROR = "Syntax error";
const BAD_HASH =
  "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters";
const NO_SUCH_PASSWORD = "The password you are trying to remove from the user does not exist";
const AFTER_ALL_KEYS =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns";
const AFTER_ALL_CHANNELS =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels";

const USER_WORDS = new Set(
  "on off nopass resetpass reset clearselectors sanitize-payload skip-sanitize-payload".split(" "),
);
/** The last two are Valkey's (9.1), as `db=`: a Sentinel has no databases. */
const SELECTOR_WORDS = new Set(["allcommands", "nocommands", "alldbs", "resetdbs"]);

/** The first rule that is no rule, or null. */
export function checkUserRules(rules: readonly string[]): BadRule | null {
  const user = new UserRules();
  for (const [index, rule] of mergeSelectors(rules).entries()) {
    const reason = user.check(rule);
    if (reason !== null) return { index, rule, reason };
  }
  return null;
}

/** What a set of keys, channels and commands has become so far. */
class SelectorRules {
  #allKeys = false;
  #allChannels = false;

  check(rule: string): string | null {
    const word = rule.toLowerCase();
    if (SELECTOR_WORDS.has(word)) return null;
    switch (word) {
      case "allkeys":
      case "resetkeys":
        this.#allKeys = word === "allkeys";
        return null;
      case "allchannels":
      case "resetchannels":
        this.#allChannels = word === "allchannels";
        return null;
      default:
        return this.#checkPrefixed(rule);
    }
  }

  reset(): void {
    this.#allKeys = false;
    this.#allChannels = false;
  }

  #checkPrefixed(rule: string): string | null {
    if (/^[~%]/.test(rule)) return this.#checkKeyPattern(rule);
    if (rule.startsWith("&")) return this.#checkChannelPattern(rule.slice(1));
    if (/^[+-]/.test(rule)) return checkCommand(rule);
    if (DATABASES.test(rule)) return null;
    return SYNTAX_ERROR;
  }

  #checkKeyPattern(rule: string): string | null {
    const pattern = /^(?:~|%(?:[rR][wW]?|[wW][rR]?)~)([^ \t-\r\0]*)$/.exec(rule)?.[1];
    if (pattern === undefined) return SYNTAX_ERROR;
    if (this.#allKeys && rule !== "~*") return AFTER_ALL_KEYS;
    if (rule === "~*") this.#allKeys = true;
    return null;
  }

  #checkChannelPattern(pattern: string): string | null {
    if (/[ \t-\r\0]/.test(pattern)) return SYNTAX_ERROR;
    if (this.#allChannels && pattern !== "*") return AFTER_ALL_CHANNELS;
    if (pattern === "*") this.#allChannels = true;
    return null;
  }
}

class UserRules {
  readonly #root = new SelectorRules();
  readonly #passwords = new Set<string>();

  check(rule: string): string | null {
    const word = rule.toLowerCase();
    if (USER_WORDS.has(word)) {
      if (word === "reset") this.#root.reset();
      if (word === "reset" || word === "resetpass" || word === "nopass") this.#passwords.clear();
      return null;
    }
    if (rule.startsWith("(")) return checkSelector(rule);
    return /^[>#<!]/.test(rule) ? this.#checkPassword(rule) : this.#root.check(rule);
  }

  #checkPassword(rule: string): string | null {
    const kind = rule.charAt(0);
    const isHash = kind === "#" || kind === "!";
    if (isHash && !/^[0-9a-f]{64}$/.test(rule.slice(1))) return BAD_HASH;
    if (kind === ">" || kind === "#") {
      this.#passwords.add(rule);
      return null;
    }
    const added = (kind === "<" ? ">" : "#") + rule.slice(1);
    if (this.#passwords.delete(added)) return null;
    // A removal may name a password by its other form, which only a hash could tell.
    const sameForm = [...this.#passwords].every((each) => each.charAt(0) === added.charAt(0));
    return sameForm ? NO_SUCH_PASSWORD : null;
  }
}

/** `db=0,1`: the databases that a user of Valkey may select. */
export const DATABASES = /^db=\d{1,5}(,\d{1,5})*$/i;

/** An argument of one of our commands must follow the bar; others are told later. */
function checkCommand(rule: string): string | null {
  const command = rule.startsWith("+") && rule.endsWith("|") ? rule.slice(1, -1) : "";
  return OWN_COMMANDS.has(command.toLowerCase()) ? SYNTAX_ERROR : null;
}

function checkSelector(rule: string): string | null {
  if (!rule.endsWith(")")) return SYNTAX_ERROR;
  const selector = new SelectorRules();
  const words = splitArgs(rule.slice(1, -1));
  if (words === null) return SYNTAX_ERROR;
  return words.map((word) => (word === "" ? null : selector.check(word))).find(isReason) ?? null;
}

function isReason(reason: string | null): boolean {
  return reason !== null;
}

/** Joins the words from `(` to `)` into one; an open one stays as it is and is refused. */
function mergeSelectors(rules: readonly string[]): string[] {
  const merged: string[] = [];
  let open: string | null = null;
  for (const rule of rules) {
    if (open === null && !rule.startsWith("(")) {
      merged.push(rule);
      continue;
    }
    const selector: string = open === null ? rule : `${open} ${rule}`;
    open = rule.endsWith(")") ? null : selector;
    if (open === null) merged.push(selector);
  }
  return open === null ? merged : [...merged, open];
}
