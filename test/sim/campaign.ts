import { Worker } from "node:worker_threads";
import { LifeError, type LifeReport, live } from "./life.ts";
import { type LifePlan, planLife, planMixedLife } from "./plan.ts";
import type { Theme } from "./themes.ts";

/** Lives handed to a worker at a time. */
const CHUNK = 8;
/** Young objects die young: a roomy nursery spares copying them. In MiB. */
const NURSERY_MB = 32;

/** Which life a seed means. */
export interface Kind {
  /** With C Sentinels among ours. */
  readonly isMixed: boolean;
  /** Null: that of each seed. */
  readonly theme: Theme | null;
}

export interface Chunk extends Kind {
  readonly from: number;
  readonly count: number;
}

export interface FailedSeed {
  readonly seed: number;
  readonly message: string;
}

/** What became of the seeds of a chunk, or of all. */
export interface CampaignReport {
  lives: number;
  simulatedMs: number;
  /** By ours, and by C Sentinels. */
  elections: number;
  cElections: number;
  selections: number;
  judged: number;
  owed: number;
  given: number;
  /** In how many lives each branch was taken. */
  readonly branches: Map<string, number>;
  readonly failed: FailedSeed[];
}

export interface CampaignOptions extends Chunk {
  readonly seconds: number;
  readonly jobs: number;
  /** Goes on after a failure, to learn how often there is one. */
  readonly keepGoing: boolean;
  readonly onFailed: (failed: FailedSeed) => void;
  /** Called about each so often with all that was reported by then, and the time since the beginning. */
  readonly progressMs: number;
  readonly onProgress: (sofar: CampaignReport, elapsedMs: number) => void;
}

/**
 * Lives from one seed on, in as many workers as wanted. Seeds are handed out in their order, and what
 * was begun is ended: the first failure reported is the one of the least seed, whatever the number of
 * jobs.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const total = emptyReport();
  const startedAt = performance.now();
  const endsAt = startedAt + options.seconds * 1_000;
  let toldAt = startedAt;
  let next = options.from;
  const end = options.from + options.count;
  const handOut = (): Chunk | null => {
    if (next >= end || performance.now() >= endsAt) return null;
    if (total.failed.length > 0 && !options.keepGoing) return null;
    const { isMixed, theme } = options;
    const chunk = { from: next, count: Math.min(CHUNK, end - next), isMixed, theme };
    next += chunk.count;
    return chunk;
  };
  const take = (report: CampaignReport) => {
    add(total, report);
    for (const failed of report.failed) options.onFailed(failed);
    const now = performance.now();
    if (now - toldAt < options.progressMs) return;
    toldAt = now;
    options.onProgress(total, now - startedAt);
  };
  if (options.jobs === 1) runHere(handOut, take);
  else await Promise.all(Array.from({ length: options.jobs }, () => runWorker(handOut, take)));
  return total;
}

type HandOut = () => Chunk | null;
type Take = (report: CampaignReport) => void;

function runHere(handOut: HandOut, take: Take): void {
  for (let chunk = handOut(); chunk; chunk = handOut()) take(liveChunk(chunk));
}

/** Resolves when nothing is left to hand out; rejects when the worker itself breaks. */
async function runWorker(handOut: HandOut, take: Take): Promise<void> {
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
  });
  const ended = new Promise<void>((resolve, reject) => {
    const handOn = () => {
      const chunk = handOut();
      if (chunk) worker.postMessage(chunk);
      else resolve();
    };
    worker.on("error", reject);
    worker.on("message", (report: CampaignReport) => {
      take(report);
      handOn();
    });
    handOn();
  });
  try {
    await ended;
  } finally {
    await worker.terminate();
  }
}

function emptyReport(): CampaignReport {
  const counts = {
    lives: 0,
    simulatedMs: 0,
    elections: 0,
    cElections: 0,
    selections: 0,
    judged: 0,
    owed: 0,
    given: 0,
  };
  return { ...counts, branches: new Map(), failed: [] };
}

function tally(counts: Map<string, number>, name: string, more: number): void {
  counts.set(name, (counts.get(name) ?? 0) + more);
}

function add(total: CampaignReport, report: CampaignReport): void {
  total.lives += report.lives;
  total.simulatedMs += report.simulatedMs;
  total.elections += report.elections;
  total.cElections += report.cElections;
  total.selections += report.selections;
  total.judged += report.judged;
  total.owed += report.owed;
  total.given += report.given;
  for (const [name, lives] of report.branches) tally(total.branches, name, lives);
  total.failed.push(...report.failed);
  total.failed.sort((a, b) => a.seed - b.seed);
}

export function planOf({ isMixed, theme }: Kind, seed: number): LifePlan {
  return (isMixed ? planMixedLife : planLife)(seed, theme ?? undefined);
}

export function liveChunk({ from, count, ...kind }: Chunk): CampaignReport {
  const report = emptyReport();
  for (let seed = from; seed < from + count; seed++) {
    const outcome = attempt(planOf(kind, seed));
    report.lives++;
    if (outcome instanceof LifeError) {
      report.failed.push({ seed, message: outcome.message });
      continue;
    }
    report.simulatedMs += outcome.simulatedMs;
    report.elections += outcome.elections;
    report.cElections += outcome.cElections;
    report.selections += outcome.selections;
    report.judged += outcome.judged;
    report.owed += outcome.owed;
    report.given += outcome.given;
    for (const name of outcome.branches) tally(report.branches, name, 1);
  }
  return report;
}

export function attempt(plan: LifePlan): LifeReport | LifeError {
  try {
    return live(plan);
  } catch (error) {
    if (error instanceof LifeError) return error;
    throw error;
  }
}
