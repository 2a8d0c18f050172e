import type { Reply } from "../../src/base/reply.ts";
import type { Random } from "../../src/core/random.ts";
import type { SimNames } from "./names.ts";
import type { SimConnection, SimNetwork } from "./network.ts";

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
  /** What it answers to INFO, by which others see what make it is of. */
  readonly infoText: string;
  readonly drift: ClockDrift;
}

export interface SimEvent {
  readonly atMs: number;
  readonly name: string;
  readonly payload: string;
}

/** Who asked a Sentinel, to be answered over the network or by a call. */
export interface Asked {
  readonly args: readonly string[];
  readonly respond: ((reply: Reply) => void) | null;
  readonly connection: SimConnection | null;
  readonly request: number;
}
