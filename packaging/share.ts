import { readFileSync } from "node:fs";
import { join } from "node:path";
import { USAGE } from "../src/usage.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "./completion.ts";
import { manPage } from "./man.ts";
import { manifestOf } from "./source.ts";
import { put } from "./tree.ts";

/** The manual page and the completion of shells, below `dist/share` of a folder with our sources. */
export function writeShare(folder: string, date: Date): void {
  const share = join(folder, "dist", "share");
  const directives = directivesOf(readFileSync(join(folder, "conf", "sentinel.conf"), "utf8"));
  const { program } = USAGE;
  const { version } = manifestOf(folder);
  put(share, `man/${program}.1`, manPage(version, date, directives));
  put(share, `completion/bash/${program}`, bashCompletion(directives));
  put(share, `completion/zsh/_${program}`, zshCompletion(directives));
  put(share, `completion/fish/${program}.fish`, fishCompletion(directives));
}

/** A directive with the first sentence of what the sample says of it. */
export interface Directive {
  readonly name: string;
  readonly about: string;
}

/**
 * The directives of the commented sample, those of masters left out, which are more than one word. `about` is the
 * first sentence of the comment above; one that shares it with the one before names that.
 */
export function directivesOf(sample: string): readonly Directive[] {
  const found = new Map<string, string>();
  let comment: string[] = [];
  /** Whose comment the next line shares, if it is a directive. */
  let explained: string | null = null;
  for (const line of sample.split("\n")) {
    const [, name] = /^#?([a-z][a-z-]+) \S/.exec(line) ?? [];
    const [, words] = /^# ?(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      if (comment.length > 0) explained = name;
      const about = comment.length > 0 ? firstSentence(comment) : explained && `See --${explained}`;
      if (name !== "sentinel" && !found.has(name)) found.set(name, about ?? "");
      comment = [];
    } else if (words !== undefined && !words.startsWith("---")) comment.push(words.trim());
    else {
      comment = [];
      explained = null;
    }
  }
  return [...found].map(([name, about]) => ({ name, about }));
}

function firstSentence(lines: readonly string[]): string {
  const text = lines.join(" ");
  return (/^(.*?[.:])( |$)/.exec(text)?.[1] ?? text).replace(/[.:]$/, "");
}
