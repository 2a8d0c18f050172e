const EMPTY = 0;

/**
 * Which states were met, by 64 bits of each. Two states that share them by chance would hide one of
 * them: with ten million states that happens in one run of 300,000.
 */
export class Visited {
  #low = new Uint32Array(1 << 16);
  #high = new Uint32Array(1 << 16);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** False if it was there already. */
  add(state: Int32Array): boolean {
    if (2 * this.#count > this.#low.length) this.#grow();
    // The low half is never that of an empty place.
    const low = digest(state, 0x9e3779b9) || 1;
    if (!this.#put(low, digest(state, 0x85ebca6b))) return false;
    this.#count++;
    return true;
  }

  #put(low: number, high: number): boolean {
    const mask = this.#low.length - 1;
    for (let at = (low ^ high) & mask; ; at = (at + 1) & mask) {
      if (this.#low[at] === EMPTY) {
        this.#low[at] = low;
        this.#high[at] = high;
        return true;
      }
      if (this.#low[at] === low && this.#high[at] === high) return false;
    }
  }

  #grow(): void {
    const [low, high] = [this.#low, this.#high];
    this.#low = new Uint32Array(2 * low.length);
    this.#high = new Uint32Array(2 * low.length);
    for (const [at, one] of low.entries()) if (one !== EMPTY) this.#put(one, high[at] ?? 0);
  }
}

/** murmur3 with a seed of its own for each half. */
function digest(state: Int32Array, seed: number): number {
  let hash = seed;
  for (let at = 0; at < state.length; at++) {
    let word = Math.imul(state[at] as number, 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash ^= word;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
