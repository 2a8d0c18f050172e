import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { defaultPeriods } from "../src/core/defaults.ts";
import { MASTER_SETTINGS, SETTING_FIELDS } from "../src/core/master-settings.ts";
import { filesOf, read, root } from "./support/repository.ts";

// Rules, invariants and deliberate differences have names, [D-STAGGER] or [I1]. Pages define them in
// bold; code, tests and pages cite them. What is cited is in this repository.

const NAME = "(I\\d+|[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)";
const DEFINITION = new RegExp(`\\*\\*\\[${NAME}\\]\\*\\*`, "g");
/** Not the words of a markdown link. */
const CITATION = new RegExp(`\\[${NAME}\\](?!\\()`, "g");
const PAGE = /(?:[\w.-]+\/|\.\.\/)*[\w-]+\.md\b/g;
/** Numbers of lists that are not here, and invariants that are not cited by their whole name. */
const NUMBER = /\bitems? \d+|\bappendi(?:x|ces) [A-Z]\b|\b[FW]\d+\b|(?<!\[)\bI\d+\b(?!\])/gi;

interface Text {
  readonly file: string;
  readonly text: string;
}

const pages = filesOf([".", "docs", "src", "test"], ".md").map((file) => ({
  file,
  text: read(file),
}));
/** Comments and the titles of tests; other strings are the program's. This file cites nothing. */
const code = filesOf(["src", "demo", "test"], ".ts")
  .filter((file) => !file.endsWith("tidy-specifications.test.ts"))
  .map((file) => ({ file, text: prose(read(file)) }));
const scenes = filesOf(["test/scenario"], ".txt").map((file) => ({ file, text: read(file) }));

const definitions = found(pages, DEFINITION);
const ofPages = found(
  pages.map(({ file, text }) => ({ file, text: text.replace(DEFINITION, "") })),
  CITATION,
);
const ofCode = found([...code, ...scenes], CITATION);

test("each rule has one name, and each name one rule", () => {
  const names = definitions.map(({ what }) => what);
  assert.ok(names.length > 100);
  assert.deepEqual(definitions.filter(({ what }, at) => names.indexOf(what) !== at).map(shown), []);
});

test("what is cited is defined", () => {
  const names = new Set(definitions.map(({ what }) => what));
  const unknown = [...ofPages, ...ofCode].filter(({ what }) => !names.has(what));
  assert.deepEqual(unknown.map(shown), []);
});

test("what is defined is cited by code or by a test", () => {
  const cited = new Set(ofCode.map(({ what }) => what));
  assert.deepEqual(definitions.filter(({ what }) => !cited.has(what)).map(shown), []);
});

test("each deliberate difference has a test that names it", () => {
  const inTests = new Set(
    ofCode.filter(({ file }) => file.startsWith("test")).map(({ what }) => what),
  );
  const differences = definitions.filter(({ what }) => what.startsWith("D-"));
  assert.deepEqual(differences.filter(({ what }) => !inTests.has(what)).map(shown), []);
});

test("pages that are named are in the repository", () => {
  const missing = found([...pages, ...code, ...scenes], PAGE).filter(
    ({ file, what }) =>
      !existsSync(join(root, what)) && !existsSync(join(root, dirname(file), what)),
  );
  assert.deepEqual(missing.map(shown), []);
});

test("nothing is cited by a number", () => {
  assert.deepEqual(found([...pages, ...code, ...scenes], NUMBER).map(shown), []);
});

test("docs/protocol.md says every event", () => {
  const core = filesOf(["src/core"], ".ts").map((file) => ({ file, text: read(file) }));
  const events = new Set(found(core, /"([+-][a-z]+(?:-[a-z]+)*)"/g).map(({ what }) => what));
  const told = new Set(read("docs/protocol.md").match(/[+-][a-z]+(?:-[a-z]+)*/g));
  assert.ok(events.size > 40);
  assert.deepEqual(
    [...events].filter((name) => !told.has(name)),
    [],
  );
});

test("docs/protocol.md says every field of an instance", () => {
  const file = "src/core/commands/instance-fields.ts";
  const names = found([{ file, text: read(file) }], /"([a-z ]+-[a-z -]+)"/g);
  const settings = SETTING_FIELDS.map((field) => MASTER_SETTINGS[field]);
  const shown = settings.filter(({ isShown }) => isShown).map(({ name }) => name);
  const fields = [...names.flatMap(({ what }) => what.split(" ")), ...shown];
  const told = new Set(read("docs/protocol.md").match(/[a-z]+(?:-[a-z]+)*/g));
  assert.ok(fields.length > 30);
  assert.deepEqual(
    fields.filter((name) => !told.has(name)),
    [],
  );
});

test("docs/algorithm.md says the periods", () => {
  const text = read("docs/algorithm.md");
  const wrong = Object.entries(defaultPeriods()).filter(([field, ms]) => {
    const name = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return !text.includes(`| \`${name}\` | ${ms / 1000} s |`);
  });
  assert.deepEqual(wrong, []);
});

interface Found {
  readonly file: string;
  readonly what: string;
}

function shown({ file, what }: Found): string {
  return `${file}: ${what}`;
}

function found(texts: readonly Text[], form: RegExp): Found[] {
  return texts.flatMap(({ file, text }) =>
    [...text.matchAll(form)].map(([all, name]) => ({ file, what: name ?? all })),
  );
}

/** Comments, and the first words of what a test is called with; what stands behind `http:` is none. */
function prose(text: string): string {
  const form =
    /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$|\b(?:it|test|describe|sceneTest)\(\s*(["'`])(?:\\.|(?!\1).)*\1/gm;
  return [...text.matchAll(form)].map(([all]) => all).join("\n");
}
