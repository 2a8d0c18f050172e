import { Worker } from "node:worker_threads";
import { LifeError, type LifeReport, live } from "./life.ts";
import { type LifePlan, planLife } from "./plan.ts";

/** Lives handed to a worker at a time. */
const CHUNK = 8;
/** Young objects die young: a roomy nursery spares copying them. In MiB. */
const NURSERY_MB = 32;

export interface Chunk {
  readonly from: number;
  readonly count: number;
}

/** What became of a chunk; `failed` is the seed that ended it. */
export interface ChunkReport {
  lives: number;
  simulatedMs: number;
  elections: number;
  failed: number | null;
}

export interface CampaignOptions {
  readonly from: number;
  readonly count: number;
  readonly seconds: number;
  readonly jobs: number;
}

/**
 * Lives from one seed on, in as many workers as wanted. Seeds are handed out in their order, and what
 * was begun is ended: the failure reported is the one of the least seed, whatever the number of jobs.
 */
export async function runCampaign(options: CampaignOptions): Promise<ChunkReport> {
  const total: ChunkReport = { lives: 0, simulatedMs: 0, elections: 0, failed: null };
  const endsAt = performance.now() + options.seconds * 1_000;
  let next = options.from;
  const end = options.from + options.count;
  const handOut = (): Chunk | null => {
    if (next >= end || performance.now() >= endsAt || total.failed !== null) return null;
    const chunk = { from: next, count: Math.min(CHUNK, end - next) };
    next += chunk.count;
    return chunk;
  };
  const take = (report: ChunkReport) => add(total, report);
  if (options.jobs === 1) runHere(handOut, take);
  else await Promise.all(Array.from({ length: options.jobs }, () => runWorker(handOut, take)));
  return total;
}

type HandOut = () => Chunk | null;
type Take = (report: ChunkReport) => void;

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
    worker.on("message", (report: ChunkReport) => {
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

function add(total: ChunkReport, report: ChunkReport): void {
  total.lives += report.lives;
  total.simulatedMs += report.simulatedMs;
  total.elections += report.elections;
  if (report.failed === null) return;
  total.failed = Math.min(report.failed, total.failed ?? report.failed);
}

/** Lives the seeds of a chunk up to the first that fails. */
export function liveChunk({ from, count }: Chunk): ChunkReport {
  const report: ChunkReport = { lives: 0, simulatedMs: 0, elections: 0, failed: null };
  for (let seed = from; seed < from + count; seed++) {
    const outcome = attempt(planLife(seed));
    if (outcome instanceof LifeError) return { ...report, failed: seed };
    report.lives++;
    report.simulatedMs += outcome.simulatedMs;
    report.elections += outcome.elections;
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
