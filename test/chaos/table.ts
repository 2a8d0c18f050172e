import type { Result } from "./chaos.ts";
import type { Figures } from "./check.ts";
import type { ClusterKind } from "./choose.ts";

const nameWidth = 23;
const cellWidth = 26;
const nothing = "-";

/** What happened in one run, for who watches. */
export function row({ scenario, kind, figures, failure, notes }: Result): string {
  const verdict = failure === null ? "ok" : `FAILED: ${failure}`;
  const words = figures === null ? nothing : sentence(figures);
  return [`${scenario}, ${kind}: ${words}`, ...notes, verdict].join("; ");
}

/**
 * One line for each scenario, one column for each kind of cluster: acknowledged writes lost /
 * seconds without a master / longest seconds with two masters, the worst of all runs.
 */
export function table(results: readonly Result[], kinds: readonly ClusterKind[]): string {
  const names = [...new Set(results.map(({ scenario }) => scenario))];
  const head = ["scenario".padEnd(nameWidth), ...kinds.map((kind) => kind.padEnd(cellWidth))];
  const lines = names.map((name) => {
    const cells = kinds.map((kind) =>
      cell(results.filter((one) => one.scenario === name && one.kind === kind)),
    );
    return [name.padEnd(nameWidth), ...cells].join("");
  });
  const legend = "writes lost / s without master / s with two masters, the worst of all runs";
  return [legend, head.join(""), ...lines].join("\n");
}

function cell(results: readonly Result[]): string {
  const figures = results.flatMap((one) => (one.figures === null ? [] : [one.figures]));
  const failed = results.filter(({ failure }) => failure !== null).length;
  const verdict = failed === 0 ? "" : ` ${failed}/${results.length} FAILED`;
  if (figures.length === 0) return `${nothing}${verdict}`.padEnd(cellWidth);
  const lost = Math.max(...figures.map((one) => one.lost));
  const without = seconds(Math.max(...figures.map((one) => one.withoutMasterMs)));
  const two = seconds(Math.max(...figures.map((one) => one.twoMastersMs)));
  return `${lost} / ${without} / ${two}${verdict}`.padEnd(cellWidth);
}

function sentence(figures: Figures): string {
  const { lost, writes, withoutMasterMs, twoMastersMs, fencedMs, agreedMs } = figures;
  return [
    `${lost} of ${writes} writes lost`,
    `${seconds(withoutMasterMs)} s without master`,
    `${seconds(twoMastersMs)} s with two`,
    `one again ${seconds(fencedMs)} s and agreed ${seconds(agreedMs)} s after the fault`,
  ].join(", ");
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
