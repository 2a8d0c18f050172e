import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const MIB = 1024 * 1024;
const sampleEveryMs = 15_000;
const mostGrowthBytes = 64 * MIB;

/** Fails when what is reachable grows: compares the heap after collections. */
export class MemoryWatch {
  readonly #collect: () => void;
  #baselineBytes: number | null = null;
  #sampledAt = performance.now();
  highestBytes = 0;

  constructor() {
    setFlagsFromString("--expose-gc");
    this.#collect = runInNewContext("gc");
  }

  /** The first sample, after everything was used once, is what later ones are held against. */
  sampleIfDue(): void {
    if (performance.now() - this.#sampledAt < sampleEveryMs) return;
    this.#sampledAt = performance.now();
    this.#collect();
    const { heapUsed, external } = process.memoryUsage();
    const usedBytes = heapUsed + external;
    this.highestBytes = Math.max(this.highestBytes, usedBytes);
    this.#baselineBytes ??= usedBytes;
    if (usedBytes - this.#baselineBytes > mostGrowthBytes) {
      throw new Error(`The heap grew from ${mib(this.#baselineBytes)} to ${mib(usedBytes)}.`);
    }
  }

  describe(): string {
    const resident = mib(process.memoryUsage().rss);
    const first = this.#baselineBytes === null ? "-" : mib(this.#baselineBytes);
    return `heap ${first} at first, ${mib(this.highestBytes)} at most, resident ${resident}`;
  }
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
