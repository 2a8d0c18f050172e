import type { SentinelConfig } from "./core/config.ts";
import { createState, type ProcessSettings } from "./core/create-state.ts";
import type { Output } from "./core/effect.ts";
import { infoSection } from "./core/info-section.ts";
import type { Input } from "./core/input.ts";
import type { Random } from "./core/random.ts";
import { Sentinel } from "./core/sentinel.ts";
import type { Millis } from "./core/state.ts";
import type { Versions } from "./view/types.ts";
import { View } from "./view/view.ts";

export interface SentinelOptions {
  /** What the `sentinel` lines of a file say; `loadConfig` makes it. */
  readonly config: SentinelConfig;
  readonly process: ProcessSettings;
  /** What the view says that this program is. */
  readonly versions: Versions;
  readonly random: Random;
  /** Whether a script of a SENTINEL SET may be executed. */
  readonly isExecutable: (path: string) => boolean;
  /** Of a clock that only rises, in milliseconds; the same one as for `step`. */
  readonly now: Millis;
}

/** A Sentinel that decides and does nothing: whoever embeds it is its network, disk and clock. */
export interface EmbeddedSentinel {
  /**
   * What happened goes in, one thing at a time, with `now`, which never falls. What the world should do comes
   * out. With `saveConfig`, `config()` must be on disk before any effect is performed; then `saving`, `saved`
   * or `saveFailed` goes in, as `Input` says. The first input is `start`.
   *
   * @throws BrokenInvariant: a bug. Nothing more may be done with this Sentinel.
   */
  step(input: Input, now: Millis): Output;
  /** When a `tick` is due, and not only ten times a second; null: nothing is watched. */
  readonly nextDueAt: Millis | null;
  /** What the file must hold now: new objects, for `rewriteConfig`. */
  config(): SentinelConfig;
  /** For `rewriteConfig`. */
  writtenAddresses(): ReadonlyMap<string, string>;
  /** The section `# Sentinel` of INFO. */
  infoSection(now: Millis): string;
  /** All that is known, to look at. */
  readonly view: View;
}

export function createSentinel(options: SentinelOptions): EmbeddedSentinel {
  const { config, process, versions, random, isExecutable, now } = options;
  const sentinel = new Sentinel(createState(config, process, random, now), random, isExecutable);
  return {
    step: (input, at) => sentinel.step(input, at),
    get nextDueAt() {
      return sentinel.nextDueAt;
    },
    config: () => sentinel.config(),
    writtenAddresses: () => sentinel.writtenAddresses(),
    infoSection: (at) => infoSection(sentinel.state, at),
    view: new View(sentinel.state, versions),
  };
}
