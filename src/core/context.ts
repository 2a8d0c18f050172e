import type { Asker } from "../base/journal-entry.ts";
import { elapsedAt } from "./deadline.ts";
import { LAZY_SAVE_MS } from "./defaults.ts";
import type { Effect, LogLevel } from "./effect.ts";
import type { Recorder } from "./journal/recorder.ts";
import type { LiveSettings } from "./live-settings.ts";
import type { MasterPlaces } from "./master-places.ts";
import type { Random } from "./random.ts";
import type {
  ConnectionId,
  Epoch,
  Master,
  Millis,
  RequestId,
  ScriptJobId,
  SentinelState,
} from "./state.ts";

/** What every function of the core receives: the state, the present, chance, and the way out. */
export interface Context {
  readonly state: SentinelState;
  readonly random: Random;
  /** Whether a script path may be configured; asks the file system, changes nothing. */
  readonly isExecutable: (path: string) => boolean;
  readonly live: LiveSettings;
  readonly now: Millis;
  /** Everything that has arrived was heard before this step: who has not spoken is silent. */
  readonly isTick: boolean;
  readonly effects: Effect[];
  /** The masters that this step is about, for the invariants; one may come several times. */
  readonly touched: Master[];
  saveConfig: boolean;
  /** Where masters are, for a look at all of them; left out, all are looked through. */
  readonly places?: MasterPlaces;
  /** Hears what is said, and changes nothing; left out, nothing is written down. */
  readonly journal?: Recorder | null;
  /** The operator whose command is being executed. */
  by?: Asker | null;
}

/** Asks for the file to be written before any effect of this step is performed [REWRITE-WHEN]. */
export function save(ctx: Context): void {
  ctx.state.unsaved = true;
  ctx.saveConfig = true;
}

/**
 * Asks for the file to be written soon. For what is heard again anyway and nothing depends on: the
 * replicas of a thousand masters must not cost a thousand writes [D-ONE-SAVE].
 */
export function saveSoon({ state, now }: Context): void {
  state.lazySaveAt ??= now + LAZY_SAVE_MS;
}

export function log(ctx: Context, level: LogLevel, text: string): void {
  ctx.effects.push({ type: "log", level, text });
}

/** Unique over all kinds of ids; each kind is made at one place. */
export function newId<Id extends ConnectionId | RequestId | ScriptJobId>({ state }: Context): Id {
  return state.nextId++ as Id;
}

/** More than `span` passed since `since`, or it never was. */
export function elapsed(ctx: Context, since: Millis | null, span: Millis): boolean {
  return ctx.now >= elapsedAt(since, span);
}

/**
 * The epoch only rises, and no vote or hello speaks of it before it is on disk [I2] [I3]. One that was
 * only heard is heard again; whoever votes or stands in it saves.
 */
export function raiseEpoch(ctx: Context, epoch: Epoch): boolean {
  if (epoch <= ctx.state.currentEpoch) return false;
  ctx.state.currentEpoch = epoch;
  ctx.state.epochRaisedAt = ctx.now;
  saveSoon(ctx);
  return true;
}
