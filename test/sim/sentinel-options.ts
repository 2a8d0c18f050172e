import type { Random } from "../../src/core/random.ts";
import type { SimNames } from "./names.ts";
import type { SimNetwork } from "./network.ts";

/** How fast this host's clock runs, and where it began. */
export interface ClockDrift {
  readonly rate: number;
  readonly offsetMs: number;
}

export interface SentinelOptions {
  readonly network: SimNetwork;
  readonly names: SimNames;
  readonly random: Random;
  readonly ip: string;
  readonly port: number;
  /** Of its file. */
  readonly text: string;
  readonly drift: ClockDrift;
}
