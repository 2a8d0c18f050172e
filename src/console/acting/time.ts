/** Resolves after so many ms, or as soon as the operator interrupts. */
export function sleep(ms: number, interrupted?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted?.aborted || ms <= 0) return resolve();
    const end = () => {
      clearTimeout(timer);
      interrupted?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    interrupted?.addEventListener("abort", end);
  });
}

/** An instant of this process, in ms, and how long it is until then. */
export class Deadline {
  readonly #at: number;

  constructor(ms: number) {
    this.#at = performance.now() + ms;
  }

  get leftMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /** How long it has been over; 0: it is not. */
  get overMs(): number {
    return Math.max(0, performance.now() - this.#at);
  }

  get isOver(): boolean {
    return this.leftMs === 0;
  }
}
