import assert from "node:assert/strict";
import { test } from "node:test";
import { ASSETS } from "../../src/http/assets.ts";
import { PAGE_FILES } from "../../src/http/page-files.js";

const { html, css, script, icon } = PAGE_FILES;
/** All that a browser loads before it asks for what is to be shown. */
const MOST_BYTES = 40_000;

test("the page is small", () => {
  const bytes = [html, css, script, icon].map((text) => Buffer.byteLength(text));
  const sum = bytes.reduce((all, one) => all + one, 0);
  assert.ok(Math.min(...bytes) > 100);
  assert.ok(sum < MOST_BYTES, `${sum} bytes: ${bytes.join(", ")}`);
});

test("what the page names is handed out, with the type that a browser asks for", () => {
  const named = [...html.matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, path]) => path ?? "");
  const files = named.filter((path) => path !== "status");
  assert.deepEqual(files, ["icon.svg", "page.css", "page.js"]);
  const types = ["", ...files].map((path) => ASSETS.get(`/${path}`)?.type);
  assert.deepEqual(types, [
    "text/html; charset=utf-8",
    "image/svg+xml",
    "text/css; charset=utf-8",
    "text/javascript; charset=utf-8",
  ]);
});

test("nothing comes from outside, and nothing stands inline", () => {
  for (const text of [html, css, script]) {
    const urls = text.match(/(?:https?:)?\/\/[a-z][\w.-]*/gi) ?? [];
    assert.deepEqual(
      urls.filter((url) => url !== "http://www.w3.org"),
      [],
    );
    assert.doesNotMatch(text, /@import|url\(/);
  }
  assert.doesNotMatch(html, /<style|<script(?![^>]*src=)|\sstyle=|\son\w+=|javascript:/i);
  assert.doesNotMatch(
    script,
    /\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write/,
  );
});

test("the page asks, and changes nothing", () => {
  assert.doesNotMatch(
    script,
    /"(?:POST|PUT|DELETE|PATCH)"|method:|WebSocket|sendBeacon|localStorage|document\.cookie/,
  );
});

test("text can be read in both schemes", () => {
  const [, light = "", dark = ""] = /:root\{(.*?)\}.*?:root\{(.*?)\}/s.exec(css) ?? [];
  for (const scheme of [light, dark]) {
    const colours = new Map(
      [...scheme.matchAll(/--(\w+):\s*(#\w+)/g)].map(([, name, value]) => [name, value]),
    );
    for (const text of ["fg", "muted", "bad", "busy", "warn", "good"]) {
      for (const ground of ["bg", "card"]) {
        const ratio = contrast(colours.get(text) ?? "", colours.get(ground) ?? "");
        assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  }
});

/** As WCAG has it: 4.5 is enough for small text. */
function contrast(one: string, other: string): number {
  const [bright = 0, dim = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/\w/g, "$&$&") : colour;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
