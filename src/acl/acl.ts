import { timingSafeEqual } from "node:crypto";
import type { AclCommands } from "./commands.ts";
import { mergeSelectors } from "./merge-selectors.ts";
import { applyRule, sha256 } from "./rules.ts";
import { type RuleContext, type RuleFailure, TOO_MANY_RULES } from "./selector-rules.ts";
import { type AclUser, createUser, describeUser, type PubsubDefault, ruleCount } from "./user.ts";

export const DEFAULT_USER = "default";

/** A rule that cannot be applied to a user. */
export interface SetUserFailure {
  readonly rule: string;
  readonly reason: RuleFailure | "unmatched parenthesis";
}

interface AclSettings {
  readonly requirepass: string | null;
  readonly aclPubsubDefault: PubsubDefault;
}

/** The users and what each may do [CMD-ACL]. */
export class Acl {
  readonly #rules: RuleContext;
  readonly #users = new Map<string, AclUser>();
  /** Always there; a connection begins as this user. */
  readonly defaultUser: AclUser;

  constructor(commands: AclCommands, { requirepass, aclPubsubDefault }: AclSettings) {
    this.#rules = { commands, pubsubDefault: aclPubsubDefault };
    this.defaultUser = createUser(DEFAULT_USER, aclPubsubDefault);
    this.#users.set(DEFAULT_USER, this.defaultUser);
    this.#openDefaultUser(requirepass);
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
    if (!merged.ok) return { rule: merged.open, reason: "unmatched parenthesis" };
    const current = this.#users.get(name) ?? createUser(name, this.#rules.pubsubDefault);
    const changed = structuredClone(current);
    const most = Math.max(maxRules, ruleCount(current));
    for (const rule of merged.rules) {
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
