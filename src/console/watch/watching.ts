import type { QuorumPicture } from "../../quorum/picture.ts";
import { pictureFrom } from "../ask.ts";
import type { Access } from "../connect/access.ts";
import { Trouble } from "../trouble.ts";
import type { Heard } from "./event.ts";
import { Listeners } from "./listeners.ts";

/** All are asked so often, and soon after an event. */
const PERIOD_MS = 1_000;
const AFTER_EVENT_MS = 50;

/** Keeps a picture of the quorum up to date and hears its events, until it is told to stop. */
export class Watching {
  readonly #access: Access;
  readonly #name: string | null;
  readonly #onEvent: (heard: Heard) => void;
  readonly #listeners: Listeners;
  #picture: QuorumPicture | null = null;
  #pictureAtMs = 0;
  #wake: () => void = nothing;
  #isAwaited = false;

  /** Called for each event of this master, or of none. */
  constructor(access: Access, name: string | null, onEvent: (heard: Heard) => void) {
    this.#access = access;
    this.#name = name;
    this.#onEvent = onEvent;
    this.#listeners = new Listeners(access, (heard) => this.#hear(heard));
  }

  /** The last one; null: none yet. */
  get picture(): QuorumPicture | null {
    return this.#picture;
  }

  /** How old it is if nobody answers any more; null: it is what was answered last. */
  get staleMs(): number | null {
    const ageMs = performance.now() - this.#pictureAtMs;
    return ageMs > PERIOD_MS + this.#access.timeoutMs ? ageMs : null;
  }

  get heardCount(): number {
    return this.#listeners.count;
  }

  /** @throws Trouble if nobody answers at first; later that is waited for. */
  async run(stopped: AbortSignal, onPicture: () => void = nothing): Promise<void> {
    // Who has enough does not wait for Sentinels that do not answer.
    const ended = new Promise<void>((resolve) => {
      stopped.addEventListener("abort", () => resolve(), { once: true });
    });
    try {
      await Promise.race([this.#look(), ended]);
      onPicture();
      while (!stopped.aborted) {
        await this.#pause(stopped);
        if (stopped.aborted) return;
        await Promise.race([this.#look().catch(isTrouble), ended]);
        onPicture();
      }
    } finally {
      this.#listeners.stop();
    }
  }

  async #look(): Promise<void> {
    const picture = await pictureFrom(this.#access, this.#name);
    this.#picture = picture;
    this.#pictureAtMs = performance.now();
    for (const { place, told } of picture.asked) if (told.ok) this.#listeners.add(place);
  }

  #hear(heard: Heard): void {
    if (this.#name !== null && heard.master !== null && heard.master !== this.#name) return;
    this.#onEvent(heard);
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    setTimeout(() => this.#wake(), AFTER_EVENT_MS).unref();
  }

  #pause(stopped: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), PERIOD_MS);
      this.#wake = () => {
        clearTimeout(timer);
        stopped.removeEventListener("abort", this.#wake);
        this.#wake = nothing;
        this.#isAwaited = false;
        resolve();
      };
      stopped.addEventListener("abort", this.#wake);
    });
  }
}

function nothing(): void {
  // Nobody waits.
}

function isTrouble(error: unknown): void {
  if (!(error instanceof Trouble)) throw error;
}
