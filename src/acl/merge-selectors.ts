type MergedRules =
  | { readonly ok: true; readonly rules: readonly string[] }
  /** Nothing closes the selector that begins with this word, at this place of the rules. */
  | { readonly ok: false; readonly open: string; readonly index: number };

/** Joins the words of `(+ping ~x)`, which arrive separately, into one rule. */
export function mergeSelectors(words: readonly string[]): MergedRules {
  const rules: string[] = [];
  let pending: string[] = [];
  let openedAt = 0;
  for (const [index, word] of words.entries()) {
    if (pending.length === 0 && !word.startsWith("(")) {
      rules.push(word);
      continue;
    }
    if (pending.length === 0) openedAt = index;
    pending.push(word);
    if (!word.endsWith(")")) continue;
    rules.push(pending.join(" "));
    pending = [];
  }
  const [open] = pending;
  return open === undefined ? { ok: true, rules } : { ok: false, open, index: openedAt };
}
