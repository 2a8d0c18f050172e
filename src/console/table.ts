import type { Output, Tone } from "./output.ts";

/** A cell is a text, or one with a tone. */
export type Cell = string | readonly [text: string, tone: Tone | null];

interface TableForm {
  readonly indent?: string;
  /** The least widths of the first columns, for tables below each other. */
  readonly least?: readonly number[];
}

/** Between two columns. */
const GAP = "  ";

/**
 * Columns as wide as their widest cell; the last one takes what the window leaves, and its texts end in `…` where that
 * is not enough. Text is what `shown` made of it.
 */
export function tableLines(
  output: Output,
  rows: readonly (readonly Cell[])[],
  { indent = "  ", least = [] }: TableForm = {},
): string[] {
  const widths = [...least];
  for (const row of rows) {
    for (const [at, cell] of row.slice(0, -1).entries()) {
      widths[at] = Math.max(widths[at] ?? 0, widthOf(textOf(cell)));
    }
  }
  return rows.map((row) => lineOf(output, row, widths, indent));
}

function lineOf(
  output: Output,
  row: readonly Cell[],
  widths: readonly number[],
  indent: string,
): string {
  let left = output.width;
  let line = "";
  for (const [at, cell] of row.entries()) {
    const before = at === 0 ? indent : GAP;
    const text = at === row.length - 1 ? textOf(cell) : padded(textOf(cell), widths[at] ?? 0);
    const cut = fitted(text, left - before.length);
    if (left <= before.length) break;
    line += before + output.paint(typeof cell === "string" ? null : cell[1], cut);
    left -= before.length + widthOf(cut);
  }
  return line.trimEnd();
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell[0];
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** At most so many columns. */
export function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const one of text) {
    const wide = widthOf(one);
    if (used + wide > width - 1) break;
    cut += one;
    used += wide;
  }
  return width < 1 ? "" : `${cut}…`;
}

/** East Asian wide forms and pictures take two columns, combining marks none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NONE = /\p{Mark}|\u200d|\ufe0f/u;

export function widthOf(text: string): number {
  // Most are ASCII.
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const one of text) width += NONE.test(one) ? 0 : WIDE.test(one) ? 2 : 1;
  return width;
}
