import type { SentinelConfig } from "./config.ts";
import type { LogThreshold, Output } from "./effect.ts";
import type { Input } from "./input.ts";
import type { Random } from "./random.ts";
import type { Millis, SentinelState } from "./state.ts";

/** What the process knows beside its `sentinel` directives. */
export interface ProcessSettings {
  readonly requirepass: string | null;
  readonly listeningPort: number;
  readonly logThreshold: LogThreshold;
}

export class Sentinel {
  readonly state: SentinelState;
  constructor(state: SentinelState, _random: Random) {
    this.state = state;
  }
  step(_input: Input, _now: Millis): Output {
    return { saveConfig: false, effects: [] };
  }
  /** What the file must hold now. */
  config(): SentinelConfig {
    throw new Error();
  }
}

export declare function createState(
  config: SentinelConfig,
  settings: ProcessSettings,
  random: Random,
  now: Millis,
): SentinelState;

/** The `# Sentinel` section of INFO, its heading included, lines ended by CRLF. */
export declare function infoSection(state: SentinelState): string;
