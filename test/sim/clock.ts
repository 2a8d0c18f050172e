/** Virtual time: runs what is due in order of time, then of scheduling. Never sleeps. */
export class SimClock {
  now = 0;
  #sequence = 0;
  #queue: { at: number; sequence: number; run: () => void }[] = [];

  after(delayMs: number, run: () => void): void {
    const entry = { at: this.now + delayMs, sequence: this.#sequence++, run };
    let index = this.#queue.length;
    while (index > 0 && isLater(this.#queue[index - 1], entry)) index--;
    this.#queue.splice(index, 0, entry);
  }

  /** Runs everything due within the span. */
  advance(spanMs: number): void {
    const end = this.now + spanMs;
    for (let next = this.#queue[0]; next && next.at <= end; next = this.#queue[0]) {
      this.#queue.shift();
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }

  /** Advances until the condition holds; false if it does not within the limit. */
  advanceUntil(condition: () => boolean, limitMs: number): boolean {
    const end = this.now + limitMs;
    while (!condition()) {
      const next = this.#queue[0];
      if (!next || next.at > end) return false;
      this.#queue.shift();
      this.now = next.at;
      next.run();
    }
    return true;
  }
}

function isLater(a: { at: number } | undefined, b: { at: number }): boolean {
  return a !== undefined && a.at > b.at;
}
