import type { Arena } from "./arena.ts";

/** A fault, from its beginning to its end; what must hold afterwards is the same for all. */
export interface Scenario {
  readonly name: string;
  readonly says: string;
  /** 1 unless given. */
  readonly masters?: number;
  run(arena: Arena): Promise<void>;
}
