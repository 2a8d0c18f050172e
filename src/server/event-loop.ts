import { type EventLoopUtilization, performance } from "node:perf_hooks";
import { Rate } from "./stats.ts";

/** How the event loop of this process fares, in the figures that INFO has for it. */
export class EventLoopFigures {
  readonly #cyclesRate: Rate;
  readonly #activeRate: Rate;
  #utilization: EventLoopUtilization = performance.eventLoopUtilization();
  #cycles = 0;

  constructor(nowMs: number) {
    this.#cyclesRate = new Rate(nowMs);
    this.#activeRate = new Rate(nowMs);
  }

  /** Called at each tick. What Node knows of its loop costs more to ask than a tick does. */
  sample(nowMs: number): void {
    if (!this.#cyclesRate.isDue(nowMs)) return;
    this.#read();
    this.#cyclesRate.sample(this.#cycles, nowMs);
    this.#activeRate.sample(this.#utilization.active, nowMs);
  }

  /** Turns of the loop since the start of the process. */
  get cycles(): number {
    this.#read();
    return this.#cycles;
  }

  /** Time spent in turns, waiting for input aside. */
  get activeMicros(): number {
    this.#read();
    return Math.round(this.#utilization.active * 1000);
  }

  get cyclesPerSecond(): number {
    return Math.round(this.#cyclesRate.perSecond());
  }

  /** Mean length of a turn of late. */
  get microsPerCycle(): number {
    const cycles = this.#cyclesRate.perSecond();
    return cycles === 0 ? 0 : Math.round((this.#activeRate.perSecond() * 1000) / cycles);
  }

  #read(): void {
    this.#utilization = performance.eventLoopUtilization();
    this.#cycles = performance.nodeTiming.uvMetricsInfo.loopCount;
  }
}
