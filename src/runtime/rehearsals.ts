import { setFlagsFromString } from "node:v8";
import { type Part, rehearse } from "./rehearsal.ts";

/** The start itself is over by then. */
const FIRST_AFTER_MS = 500;
/** As often as it takes for V8 to compile what is executed in a failover. */
const REPEATS = 4;
/** Between two slices the loop does what it is there for. */
const SLICE_MS = 1;
const PARTS: readonly Part[] = ["leader", "observer"];

/** Rehearses failovers after the start, a slice at a time. */
export class Rehearsals {
  #timer: NodeJS.Timeout | null = null;

  start(): void {
    // V8 drops code that was not executed for some time; this is for when there is no time.
    setFlagsFromString("--no-flush-bytecode");
    const steps = allSteps();
    const slice = (): void => {
      const untilMs = performance.now() + SLICE_MS;
      while (performance.now() < untilMs) if (steps.next().done === true) return;
      this.#timer = setTimeout(slice, 1).unref();
    };
    this.#timer = setTimeout(slice, FIRST_AFTER_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}

function* allSteps(): Generator<void> {
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const part of PARTS) yield* rehearse(part);
  }
}
