/** Chance as an argument: the daemon passes a cryptographic source, a simulation a seeded one. */
export interface Random {
  /** A uniform integer in 0..bound-1. */
  below(bound: number): number;
}

/** A small deterministic generator (mulberry32) for tests and simulation; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(bound) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = state;
      mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * bound);
    },
  };
}

/** 40 hexadecimal characters: the form of a Sentinel id and of a server's run id. */
export function randomRunId(random: Random): string {
  let id = "";
  while (id.length < 40) id += random.below(16).toString(16);
  return id;
}
