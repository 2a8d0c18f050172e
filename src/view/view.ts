import type { Context } from "../core/context.ts";
import { standingTrouble } from "../core/failover/start.ts";
import { failureFlags } from "../core/info-section.ts";
import { NO_LIVE_SETTINGS } from "../core/live-settings.ts";
import { MasterPlaces } from "../core/master-places.ts";
import { runningScripts } from "../core/scripts.ts";
import type { Millis, SentinelState, Settings } from "../core/state.ts";
import { OfMaster } from "./of-master.ts";
import { serverAt } from "./server-at.ts";
import type { MasterView, PlacedServer, SentinelView, SettingsView, Versions } from "./types.ts";

/**
 * The only way in which consoles, pages and metrics see a Sentinel. Each view is made when it is asked
 * for, costs what it shows, and shares nothing with the state; to look changes nothing.
 */
export class View {
  readonly #state: SentinelState;
  readonly #versions: Versions;

  constructor(state: SentinelState, versions: Versions) {
    this.#state = state;
    this.#versions = versions;
  }

  /** The Sentinel itself, with the names of its masters. `now`: of the clock that its steps are given. */
  sentinel(now: Millis): SentinelView {
    const state = this.#state;
    const running = runningScripts(state.scripts);
    return {
      runId: state.myId,
      versions: this.#versions,
      currentEpoch: state.currentEpoch,
      tilt: { forMs: ageOf(now, state.tiltSince), count: state.tiltCount },
      save: {
        failedMs: ageOf(now, state.saveFailedAt),
        tookMs: state.lastSaveMs,
        isOwed: state.unsaved || state.isHeld || state.lazySaveAt !== null,
      },
      settings: viewSettings(state.settings),
      scripts: { running, waiting: state.scripts.length - running },
      simulatedFailures: failureFlags(state),
      standingTrouble: standingTrouble(lookAt(state, now)),
      masters: [...state.masters.keys()],
    };
  }

  /** One master with its replicas and Sentinels; null: no master has this name. */
  master(name: string, now: Millis): MasterView | null {
    const master = this.#state.masters.get(name);
    return master === undefined ? null : new OfMaster(lookAt(this.#state, now), master);
  }

  /** As `master`, for who looks at many of them within a second: which masters are where is looked up once. */
  looker(): (name: string, now: Millis) => MasterView | null {
    const { masters } = this.#state;
    const places = new MasterPlaces(masters.values());
    return (name, now) => {
      const master = masters.get(name);
      return master === undefined
        ? null
        : new OfMaster({ ...lookAt(this.#state, now), places }, master);
    };
  }

  /** One server of a master by its address or name; null: no master has this name. */
  serverAt(name: string, host: string, port: number | null): PlacedServer | "unknown" | null {
    const master = this.#state.masters.get(name);
    return master === undefined ? null : serverAt(master, host, port);
  }

  /** All of them, in the order of the file. */
  masters(now: Millis): MasterView[] {
    const masters = [...this.#state.masters.values()];
    const ctx = { ...lookAt(this.#state, now), places: new MasterPlaces(masters) };
    return masters.map((master) => new OfMaster(ctx, master));
  }
}

/** What the questions of the core ask for. What they would do or draw by chance has no place here. */
export function lookAt(state: SentinelState, now: Millis): Context {
  return {
    state,
    now,
    random: { below: () => 0 },
    isExecutable: () => false,
    live: NO_LIVE_SETTINGS,
    isTick: false,
    effects: [],
    touched: [],
    saveConfig: false,
  };
}

function viewSettings(settings: Settings): SettingsView {
  const { announceIp, announcePort, sentinelUser, sentinelPass } = settings;
  const { denyScriptsReconfig, resolveHostnames, announceHostnames } = settings;
  return {
    ...{ denyScriptsReconfig, resolveHostnames, announceHostnames },
    ...{ announceIp, announcePort, sentinelUser },
    hasSentinelPass: (sentinelPass ?? "") !== "",
  };
}

function ageOf(now: Millis, at: Millis | null): Millis | null {
  return at === null ? null : now - at;
}
