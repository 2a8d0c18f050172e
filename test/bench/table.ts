import type { ClusterKind } from "./kinds.ts";
import { clusterKinds } from "./kinds.ts";
import type { ResultRow, Summary } from "./results.ts";

const nothing = "-";
const columnGap = "  ";

/** One line for each figure; a cell shows median / p90 / max (number of samples). */
export function table(rows: readonly ResultRow[]): string {
  const shown = clusterKinds.filter((kind) => rows.some(({ kinds }) => kind in kinds));
  const head = ["figure", "unit", ...shown, "ours/C", "target", ""];
  return align([head, ...rows.map((row) => cells(row, shown))]);
}

function cells(row: ResultRow, shown: readonly ClusterKind[]): readonly string[] {
  const { figure, kinds, ratio, isMet } = row;
  return [
    figure.name,
    figure.unit,
    ...shown.map((kind) => cell(kinds[kind])),
    ratio === null ? nothing : ratio.toPrecision(2),
    figure.target?.text ?? "",
    isMet === null ? "" : isMet ? "met" : "MISSED",
  ];
}

function cell(summary: Summary | undefined): string {
  if (summary === undefined) return nothing;
  const { median, p90, max, samples } = summary;
  return `${[median, p90, max].map(short).join(" / ")} (${samples.length})`;
}

/** Three digits are more than the machine repeats. */
function short(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toString();
  return Number(value.toPrecision(3)).toString();
}

function align(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((text, column) => text.padEnd(widths[column] ?? 0)))
    .map((line) => line.join(columnGap).trimEnd())
    .join("\n");
}
