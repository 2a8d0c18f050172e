import type { LifeError } from "./life.ts";
import type { LifePlan } from "./plan.ts";

/**
 * Leaves out faults, many at a time and then fewer, as long as the life still ends with the same
 * kind of failure. The result is for people to read and for a regression test to keep.
 */
export function shrink(failure: LifeError, run: (plan: LifePlan) => LifeError | null): LifeError {
  let best = failure;
  for (let size = Math.ceil(best.plan.faults.length / 2); size >= 1; size = nextSize(size)) {
    for (let start = 0; start < best.plan.faults.length; ) {
      const shorter = run(without(best.plan, start, size));
      if (shorter && kindOf(shorter) === kindOf(failure)) best = shorter;
      else start += size;
    }
  }
  return best;
}

function nextSize(size: number): number {
  return size === 1 ? 0 : Math.ceil(size / 2);
}

/** The time of what is left out is kept, so that the rest happens when it did. */
function without({ options, faults }: LifePlan, start: number, size: number): LifePlan {
  const left = faults.slice(0, start);
  const gone = faults.slice(start, start + size);
  const [next, ...rest] = faults.slice(start + size);
  const goneMs = gone.reduce((sum, { afterMs }) => sum + afterMs, 0);
  const moved = next ? [{ ...next, afterMs: next.afterMs + goneMs }] : [];
  return { options, faults: [...left, ...moved, ...rest] };
}

/** A message without its numbers. */
function kindOf({ message }: LifeError): string {
  return message.replace(/[0-9.:]+/g, "#");
}
