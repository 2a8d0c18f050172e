import { timingSafeEqual } from "node:crypto";
import type { ServerConfig } from "../config/server-config.ts";
import { globMatcher } from "../core/glob.ts";
import {
  applyRule,
  type RuleContext,
  type RuleFailure,
  sha256,
  TOO_MANY_RULES,
} from "./acl-rules.ts";
import { type AclUser, createUser, describeUser, ruleCount, type Selector } from "./acl-user.ts";
import type { CommandSpec, CommandTable } from "./commands/spec.ts";

export const DEFAULT_USER = "default";

/** What a user may not do. A channel that is refused weighs more than a command. */
export type Denial =
  | { readonly reason: "command" }
  | { readonly reason: "channel"; readonly channel: string };

/** A rule that cannot be applied to a user. */
export interface SetUserFailure {
  readonly rule: string;
  readonly reason: RuleFailure | "unmatched parenthesis";
}

type AclConfig = Pick<ServerConfig, "requirepass" | "aclPubsubDefault">;

/** The users and what each may do [CMD-ACL]. */
export class Acl {
  readonly #rules: RuleContext;
  readonly #users = new Map<string, AclUser>();
  /** Always there; a connection begins as this user. */
  readonly defaultUser: AclUser;

  /** `commands`: what rules can name. */
  constructor(commands: CommandTable, config: AclConfig) {
    this.#rules = { commands, pubsubDefault: config.aclPubsubDefault };
    this.defaultUser = createUser(DEFAULT_USER, config.aclPubsubDefault);
    this.#users.set(DEFAULT_USER, this.defaultUser);
    this.#openDefaultUser(config.requirepass);
  }

  /** Sorted by name, as the rewritten file lists them. */
  users(): AclUser[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): AclUser | undefined {
    return this.#users.get(name);
  }

  get size(): number {
    return this.#users.size;
  }

  lines(): string[] {
    return this.users().map(describeUser);
  }

  /** Whether a stranger must say who he is. */
  get passwordNeeded(): boolean {
    return !this.defaultUser.nopass || !this.defaultUser.enabled;
  }

  /**
   * Creates or changes a user; all rules are applied or none. The object of an existing user
   * stays the same, so that its connections follow. `maxRules` is for what clients ask; a file may
   * have more.
   */
  setUser(
    name: string,
    rules: readonly string[],
    maxRules = Number.POSITIVE_INFINITY,
  ): SetUserFailure | null {
    const merged = mergeSelectors(rules);
    if (!Array.isArray(merged)) return { rule: merged.open, reason: "unmatched parenthesis" };
    const current = this.#users.get(name) ?? createUser(name, this.#rules.pubsubDefault);
    const changed = structuredClone(current);
    const most = Math.max(maxRules, ruleCount(current));
    for (const rule of merged) {
      const reason = applyRule(this.#rules, changed, rule);
      if (reason !== null) return { rule, reason };
      // Each of these may bring thousands of rules.
      if (rule.startsWith("(") && ruleCount(changed) > most)
        return { rule, reason: TOO_MANY_RULES };
    }
    if (ruleCount(changed) > most) return { rule: rules.at(-1) ?? "", reason: TOO_MANY_RULES };
    this.#users.set(name, Object.assign(current, changed));
    return null;
  }

  /** Whether it existed. */
  deleteUser(name: string): boolean {
    return this.#users.delete(name);
  }

  /** Replaces every user by those given, who are complete; `default` falls back to open. */
  replaceAll(users: readonly AclUser[]): void {
    for (const name of [...this.#users.keys()]) {
      if (name !== DEFAULT_USER) this.#users.delete(name);
    }
    if (!users.some((user) => user.name === DEFAULT_USER)) this.#openDefaultUser(null);
    for (const user of users) {
      if (user.name === DEFAULT_USER) Object.assign(this.defaultUser, user);
      else this.#users.set(user.name, user);
    }
  }

  /** The user if it is enabled and the password is one of its own. */
  authenticate(name: string, password: string): AclUser | null {
    const user = this.#users.get(name);
    const hash = Buffer.from(sha256(password));
    if (user === undefined || !user.enabled) return null;
    if (user.nopass) return user;
    // Every hash is compared, each in constant time: the time taken tells nothing of a match.
    const matches = [...user.passwords].filter((known) =>
      timingSafeEqual(Buffer.from(known), hash),
    );
    return matches.length > 0 ? user : null;
  }

  /** The one password of the default user (ACLUpdateDefaultUserPassword); none: everybody is let in. */
  requirePassword(password: string | null): void {
    this.setUser(DEFAULT_USER, ["resetpass", password ? `>${password}` : "nopass"]);
  }

  #openDefaultUser(requirepass: string | null): void {
    const password = requirepass === null || requirepass === "" ? "nopass" : `>${requirepass}`;
    for (const rule of ["reset", "allkeys", "allchannels", "allcommands", "on", password]) {
      applyRule(this.#rules, this.defaultUser, rule);
    }
  }
}

/** Null: allowed. Among the selectors' refusals, the one that came closest to allowing counts. */
export function checkPermission(
  user: AclUser,
  spec: CommandSpec,
  args: readonly string[],
): Denial | null {
  let denial = checkSelector(user.root, spec, args);
  for (const selector of user.selectors) {
    if (denial === null) return null;
    const found = checkSelector(selector, spec, args);
    if (found === null || found.reason === "channel") denial = found;
  }
  return denial;
}

function checkSelector(
  selector: Selector,
  spec: CommandSpec,
  args: readonly string[],
): Denial | null {
  if (!allowsCommand(selector, spec, args)) return { reason: "command" };
  if (selector.allChannels) return null;
  const channel = channelsOf(spec, args).find(
    (name) => !allowsChannel(selector, name, spec.fullName === "psubscribe"),
  );
  return channel === undefined ? null : { reason: "channel", channel };
}

function allowsCommand(selector: Selector, spec: CommandSpec, args: readonly string[]): boolean {
  if (selector.commands.has(spec.fullName) || spec.flags.includes("no_auth")) return true;
  const word = args[1]?.toLowerCase();
  return word !== undefined && (selector.firstArgs.get(spec.fullName)?.has(word) ?? false);
}

/** A pattern to subscribe to must be one of the allowed patterns, letter for letter. */
function allowsChannel(selector: Selector, channel: string, literally: boolean): boolean {
  if (literally) return selector.channels.has(channel);
  for (const allowed of selector.channels) if (matcherOf(allowed)(channel)) return true;
  return false;
}

/** A request may name thousands of channels: each pattern is read once. */
function matcherOf(pattern: string): (text: string) => boolean {
  const known = MATCHERS.get(pattern);
  if (known !== undefined) return known;
  if (MATCHERS.size >= MAX_MATCHERS) MATCHERS.clear();
  const matcher = globMatcher(pattern);
  MATCHERS.set(pattern, matcher);
  return matcher;
}

const MAX_MATCHERS = 1024;
const MATCHERS = new Map<string, (text: string) => boolean>();

/** The channels that a request names; leaving one needs no permission. */
function channelsOf(spec: CommandSpec, args: readonly string[]): readonly string[] {
  switch (spec.fullName) {
    case "subscribe":
    case "psubscribe":
      return args.slice(1);
    case "publish":
      return args.slice(1, 2);
    default:
      return [];
  }
}

/** Joins the words of `(+ping ~x)`, which arrive separately, into one rule. */
function mergeSelectors(rules: readonly string[]): string[] | { readonly open: string } {
  const merged: string[] = [];
  let pending: string[] = [];
  for (const rule of rules) {
    if (pending.length === 0 && !rule.startsWith("(")) {
      merged.push(rule);
      continue;
    }
    pending.push(rule);
    if (!rule.endsWith(")")) continue;
    merged.push(pending.join(" "));
    pending = [];
  }
  const [open] = pending;
  return open === undefined ? merged : { open };
}
