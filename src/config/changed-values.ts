import type { DirectiveValue } from "./directive-kinds.ts";
import { findDirective } from "./directives.ts";
import type { GenericValues } from "./read-lines.ts";

type ChangedValues =
  | { readonly ok: true; readonly values: GenericValues }
  | { readonly ok: false; readonly name: string; readonly reason: string };

/** What the file says with some of its directives changed, each of which takes one word. `values` is left as it is. */
export function withChanges(
  values: GenericValues,
  changes: ReadonlyMap<string, string>,
): ChangedValues {
  const changed = new Map<string, DirectiveValue>(values.values);
  for (const [name, word] of changes) {
    const directive = findDirective(name);
    if (directive === undefined) return { ok: false, name, reason: "no such directive" };
    const parsed = directive.parse([word], changed.get(name) ?? directive.sentinelDefault);
    if (!parsed.ok) return { ok: false, name, reason: parsed.reason };
    changed.set(name, parsed.value);
  }
  return { ok: true, values: { ...values, values: changed } };
}
