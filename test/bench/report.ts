import { writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { ResultRow } from "./results.ts";

export function defaultJsonPath(): string {
  return join(tmpdir(), `redis-sentinel-ts-bench-${Date.now()}.json`);
}

/** Everything that was measured, for comparing with another day or machine. */
export function writeJson(
  path: string,
  rows: readonly ResultRow[],
  failures: readonly string[],
): void {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", node: process.version };
  const figures = rows.map(({ benchmark, figure, kinds, ratio, isMet }) => ({
    benchmark,
    figure: figure.name,
    unit: figure.unit,
    target: figure.target?.text ?? null,
    isMet,
    ratio,
    kinds,
  }));
  const args = process.argv.slice(2);
  const report = { date: new Date().toISOString(), args, machine, failures, figures };
  writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`);
}
