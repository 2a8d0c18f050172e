import type { GenericDraft } from "./read-lines.ts";
import { passOf, SENTINEL_OPTIONS } from "./sentinel-directives.ts";

/** `sentinel auth-pass m`, or `sentinel announce-ip`: what a line speaks of, without its value. */
export function subjectOf([name = "", master = ""]: readonly string[]): string {
  const option = SENTINEL_OPTIONS.get(name.toLowerCase()) ?? name;
  return passOf(name) === "global" ? option : `${option} ${master}`;
}

/** Settings whose line in the main file makes one of an included file ineffective. */
const STATE =
  /^sentinel (known-(replica|slave|sentinel)|(config|leader|current)-epoch|myid|rename-command) ?/;

export function overriddenLines(draft: GenericDraft): readonly string[] {
  return [...overriddenSettings(draft), ...overriddenUsers(draft)].map(
    ([what, file]) =>
      `'${what}' of the included file ${file} has no effect: the main file has a line of its own for it`,
  );
}

type Overridden = readonly [what: string, file: string];

function overriddenSettings({ sentinelLines }: GenericDraft): Overridden[] {
  const own = new Map<string, string>();
  for (const { included, words } of sentinelLines) {
    if (!included) own.set(subjectOf(words), wordsBehind(words));
  }
  const found = new Map<string, string>();
  for (const { included, words, file } of sentinelLines) {
    const key = subjectOf(words);
    const value = own.get(key);
    if (!included || value === undefined || STATE.test(key)) continue;
    if (value !== wordsBehind(words)) found.set(key, file);
  }
  return [...found];
}

function wordsBehind(words: readonly string[]): string {
  return words.slice(passOf(words[0] ?? "") === "global" ? 1 : 2).join("\0");
}

function overriddenUsers({
  includedUsers,
  ownUsers,
  includedDirectives,
}: GenericDraft): Overridden[] {
  const users: Overridden[] = [...includedUsers]
    .filter(([name]) => ownUsers.has(name))
    .map(([name, file]) => [`user ${name}`, file]);
  const password = includedDirectives.get("requirepass");
  const isIneffective = password !== undefined && ownUsers.has("default");
  return isIneffective ? [...users, ["requirepass", password]] : users;
}
