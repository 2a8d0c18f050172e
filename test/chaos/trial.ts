import type { SentinelKind } from "../support/sentinel-node.ts";
import { within } from "../support/until.ts";
import { Arena } from "./arena.ts";
import { checkEnd, type Figures } from "./check.ts";
import type { Scenario } from "./scenario.ts";

/** A guard against a run that hangs; each step has its own, shorter patience. */
const trialTimeoutMs = 300_000;

export interface TrialOptions {
  readonly scenario: Scenario;
  readonly kinds: readonly SentinelKind[];
  readonly folder: string;
  readonly keep: boolean;
}

export interface Outcome {
  readonly figures: Figures | null;
  /** null: all held. */
  readonly failure: string | null;
  readonly notes: readonly string[];
}

/** One cluster lives through one scenario. */
export async function runTrial(options: TrialOptions): Promise<Outcome> {
  const { scenario, kinds, folder, keep } = options;
  const arena = await Arena.build({ folder, kinds, masters: scenario.masters ?? 1 });
  let outcome: Outcome;
  try {
    const figures = await within(live(arena, scenario), trialTimeoutMs, "the end of the scenario");
    outcome = { figures, failure: figures.wrong.join("; ") || null, notes: arena.notes };
  } catch (error) {
    outcome = { figures: null, failure: String(error), notes: arena.notes };
  }
  if (keep || outcome.failure !== null) arena.saveLogs();
  await arena.cleanUp();
  return outcome;
}

async function live(arena: Arena, scenario: Scenario): Promise<Figures> {
  await arena.start();
  await scenario.run(arena);
  return await checkEnd(arena);
}
