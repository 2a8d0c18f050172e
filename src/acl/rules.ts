import { hash } from "node:crypto";
import { splitArgs } from "../base/tokenize.ts";
import { MAX_ACL_RULES } from "../core/limits.ts";
import {
  applySelectorRule,
  type RuleContext,
  type RuleFailure,
  TOO_MANY_RULES,
} from "./selector-rules.ts";
import { type AclUser, createSelector, createUser } from "./user.ts";

const NO_SUCH_PASSWORD: RuleFailure =
  "The password you are trying to remove from the user does not exist";
const BAD_HASH: RuleFailure =
  "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters";

/** Applies one rule to the user; on failure the user may be left half changed. */
export function applyRule(ctx: RuleContext, user: AclUser, rule: string): RuleFailure | null {
  const change = USER_RULES[rule.toLowerCase()];
  if (change !== undefined) {
    change(user, ctx);
    return null;
  }
  switch (rule[0]) {
    case undefined:
      // An empty rule changes nothing, here and in the reference.
      return null;
    case ">":
      return addPassword(user, sha256(rule.slice(1)));
    case "#":
      return isHash(rule.slice(1)) ? addPassword(user, rule.slice(1)) : BAD_HASH;
    case "<":
      return removePassword(user, sha256(rule.slice(1)));
    case "!":
      return isHash(rule.slice(1)) ? removePassword(user, rule.slice(1)) : BAD_HASH;
    case "(":
      return addSelector(ctx, user, rule);
    default:
      return applySelectorRule(ctx, user.root, rule);
  }
}

type UserChange = (user: AclUser, ctx: RuleContext) => void;

const USER_RULES: Readonly<Record<string, UserChange>> = {
  __proto__: null as never,
  on: (user) => {
    user.enabled = true;
  },
  off: (user) => {
    user.enabled = false;
  },
  nopass: (user) => {
    user.nopass = true;
    user.passwords = new Set();
  },
  resetpass: (user) => {
    user.nopass = false;
    user.passwords = new Set();
  },
  "sanitize-payload": (user) => {
    user.sanitizePayload = true;
  },
  "skip-sanitize-payload": (user) => {
    user.sanitizePayload = false;
  },
  clearselectors: (user) => {
    user.selectors = [];
  },
  reset: (user, ctx) => {
    Object.assign(user, createUser(user.name, ctx.pubsubDefault));
  },
};

/** Passwords arrive as byte strings, so their bytes are hashed whatever their encoding. */
export function sha256(password: string): string {
  return hash("sha256", Buffer.from(password, "latin1"), "hex");
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function addPassword(user: AclUser, hash: string): null {
  user.passwords.add(hash);
  user.nopass = false;
  return null;
}

function removePassword(user: AclUser, hash: string): RuleFailure | null {
  return user.passwords.delete(hash) ? null : NO_SUCH_PASSWORD;
}

function addSelector(ctx: RuleContext, user: AclUser, rule: string): RuleFailure | null {
  if (!rule.endsWith(")")) return "Syntax error";
  const selector = createSelector(ctx.pubsubDefault);
  // Where a quote stays open, the reference reads no rule at all: such a selector allows nothing.
  const words = splitArgs(rule.slice(1, -1)) ?? [];
  if (words.length > MAX_ACL_RULES) return TOO_MANY_RULES;
  for (const word of words) {
    const failure = applySelectorRule(ctx, selector, word);
    if (failure !== null) return failure;
  }
  user.selectors.push(selector);
  return null;
}
