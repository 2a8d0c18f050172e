import type { SentinelKind } from "../../support/sentinel-node.ts";
import { within } from "../../support/until.ts";
import { inScene } from "../scenes.ts";
import { charts } from "./charts.ts";
import type { ToolCheck } from "./check.ts";
import { exporter } from "./exporter.ts";
import { logrotate } from "./logrotate.ts";
import { unit } from "./unit.ts";

export const toolChecks: readonly ToolCheck[] = [exporter, logrotate, unit, ...charts];

export interface ToolResult {
  readonly title: string;
  /** How many facts both kinds show alike, and what only one of them does. */
  readonly same: number;
  readonly onlyOurs: readonly string[];
  readonly onlyC: readonly string[];
}

const checkTimeoutMs = 180_000;

/** A difference is a fault of ours: the tools were written for the C program. */
export async function compareTool(check: ToolCheck, programs: string): Promise<ToolResult> {
  const ours = await factsOf(check, "ours", programs);
  const c = await factsOf(check, "c", programs);
  return {
    title: check.title,
    same: ours.filter((fact) => c.includes(fact)).length,
    onlyOurs: ours.filter((fact) => !c.includes(fact)),
    onlyC: c.filter((fact) => !ours.includes(fact)),
  };
}

async function factsOf(
  check: ToolCheck,
  kind: SentinelKind,
  programs: string,
): Promise<readonly string[]> {
  try {
    const what = `${check.name} with ${kind}`;
    return await inScene((scene) =>
      within(check.facts(scene, kind, programs), checkTimeoutMs, what),
    );
  } catch (error) {
    process.stderr.write(`${check.name}, ${kind}: ${String(error)}\n`);
    return [`failed with ${kind}: ${String(error).split("\n")[0]}`];
  }
}
