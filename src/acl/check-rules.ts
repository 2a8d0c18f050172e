import { mergeSelectors } from "./merge-selectors.ts";
import { applyRule } from "./rules.ts";
import { type RuleContext, UNKNOWN_NAME } from "./selector-rules.ts";
import { createUser } from "./user.ts";

interface BadRule {
  /** Position among the rules, those of a selector counted as one. */
  readonly index: number;
  readonly rule: string;
  readonly reason: string;
}

/**
 * The first rule of a `user` line that is none, or null: what a new user would say to it. Names of
 * commands and categories that nobody knows are left to those who serve them, as in
 * ACLAppendUserForLoading.
 */
export function checkUserRules(ctx: RuleContext, rules: readonly string[]): BadRule | null {
  const merged = mergeSelectors(rules);
  if (!merged.ok) return { index: merged.index, rule: merged.open, reason: "Syntax error" };
  const user = createUser("", ctx.pubsubDefault);
  for (const [index, rule] of merged.rules.entries()) {
    const reason = applyRule(ctx, user, rule);
    if (reason !== null && reason !== UNKNOWN_NAME) return { index, rule, reason };
  }
  return null;
}
