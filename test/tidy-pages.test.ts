import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { filesOf, read, root } from "./support/repository.ts";

// Links in our pages lead somewhere, and comments fit a screen.

/** Wider comments are not read to their end. Code is narrower: the formatter breaks it at 100. */
const MAX_COMMENT_COLUMNS = 120;

/** `[words](target)` and `[words](target "title")`, not an image of somebody else's. */
const LINK = /\[[^\]]*\]\(([^)\s]+)[^)]*\)/g;
const ELSEWHERE = /^[a-z][a-z+.-]*:/;

const pages = filesOf([".", "docs", "src", "test"], ".md");

test("links between pages lead to files and headings that exist", () => {
  const links = pages.flatMap(linksOf);
  assert.ok(links.length > 50);
  assert.deepEqual(links.filter(isBroken).map(shown), []);
});

test("headings have the anchors that GitHub gives them", () => {
  const text = "# A `b`, C & d\n```\n# no heading\n```\n## Same\n## Same\n";
  assert.deepEqual([...anchorsOf(text)], ["a-b-c--d", "same", "same-1"]);
});

test("comments fit a screen", () => {
  const wide = filesOf(["src", "demo", "test"], ".ts").flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, at) => (isWideComment(line) ? [`${file}:${at + 1}`] : [])),
  );
  assert.deepEqual(wide, []);
});

interface Link {
  readonly page: string;
  readonly target: string;
}

function linksOf(page: string): readonly Link[] {
  return [...prose(read(page)).matchAll(LINK)]
    .map(([, target = ""]) => ({ page, target }))
    .filter(({ target }) => !ELSEWHERE.test(target));
}

function isBroken({ page, target }: Link): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (file.startsWith("..") || !existsSync(join(root, file))) return true;
  if (anchor === undefined) return false;
  return !file.endsWith(".md") || !anchorsOf(read(file)).has(anchor);
}

function shown({ page, target }: Link): string {
  return `${page}: ${target}`;
}

/** Lower case, without punctuation, a hyphen for each blank; the second of a name has -1 behind it. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of prose(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "");
    const plain = words.replace(/\s/g, "-");
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Without blocks of code, in which nothing is a link or a heading. */
function prose(text: string): string {
  return text.replace(/^( *)```[\s\S]*?^\1```/gm, "");
}

function isWideComment(line: string): boolean {
  return line.length > MAX_COMMENT_COLUMNS && /^\s*(\/\/|\/\*|\*)/.test(line);
}
