import { Chance } from "./chance.ts";
import { fuzzCore } from "./core.ts";
import { fuzzFiles } from "./files.ts";
import { fuzzHttp } from "./http.ts";
import { fuzzLinks, type RudeServer } from "./links.ts";
import { fuzzRequests } from "./requests.ts";
import { fuzzHello, fuzzInfo } from "./texts.ts";

/** Something that takes bytes of strangers. A case throws when it finds a fault. */
export interface Target {
  readonly name: string;
  /** Cases in a row, so that each target gets a share of the time that fits its worth. */
  readonly batch: number;
  readonly run: (chance: Chance, server: RudeServer) => void | Promise<void>;
}

export const TARGETS: readonly Target[] = [
  { name: "requests", batch: 200, run: fuzzRequests },
  { name: "files", batch: 100, run: fuzzFiles },
  { name: "hello", batch: 500, run: fuzzHello },
  { name: "info", batch: 200, run: fuzzInfo },
  { name: "http", batch: 20, run: fuzzHttp },
  { name: "core", batch: 5, run: fuzzCore },
  // A closed connection occupies its port for a minute: more of them would use up all ports.
  { name: "links", batch: 10, run: fuzzLinks },
];

/** One case; a failure says how to see it again. */
export async function runCase(target: Target, seed: number, server: RudeServer): Promise<void> {
  try {
    await target.run(new Chance(seed), server);
  } catch (error) {
    const again = `npm run fuzz -- --target ${target.name} --case ${seed}`;
    throw new Error(`${target.name}, case ${seed}; again: ${again}`, { cause: error });
  }
}

/** The seed of the case after this many, spread over 32 bits. */
export function caseSeed(seed: number, count: number): number {
  return (seed + Math.imul(count, 0x9e3779b1)) >>> 0;
}
