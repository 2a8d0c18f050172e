interface Entry {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** Virtual time in milliseconds: runs what is due in order of time, then of scheduling. */
export class SimClock {
  now = 0;
  #sequence = 0;
  readonly #heap: Entry[] = [];

  after(delayMs: number, run: () => void): void {
    this.#push({ at: this.now + delayMs, sequence: this.#sequence++, run });
  }

  /** Runs everything due within the span. */
  advance(spanMs: number): void {
    const end = this.now + spanMs;
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) this.#runNext();
    this.now = end;
  }

  /** Advances until the condition holds; false if it does not within the limit. */
  advanceUntil(condition: () => boolean, limitMs: number): boolean {
    const end = this.now + limitMs;
    while (!condition()) {
      const next = this.#heap[0];
      if (!next || next.at > end) return false;
      this.#runNext();
    }
    return true;
  }

  #runNext(): void {
    const next = this.#pop();
    this.now = next.at;
    next.run();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!isBefore(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const first = heap[0] as Entry;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const child = this.#smallerChild(index);
      const below = heap[child];
      if (!below || !isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  #smallerChild(index: number): number {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left && right && isBefore(right, left) ? 2 * index + 2 : 2 * index + 1;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
