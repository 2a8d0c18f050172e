import { closeSync, openSync } from "node:fs";

/** A save opens one file after the other: the old one, the new one, the folder. One more in reserve. */
const COUNT = 2;

/**
 * Descriptors that are kept open on nothing, so that those who connect to us, or whom we connect to,
 * cannot take what a save needs: a Sentinel that cannot save says nothing, of no master [D-DESCRIPTORS].
 */
export class SpareDescriptors {
  readonly #open: () => number;
  readonly #close: (fd: number) => void;
  #held: number[] = [];

  constructor(open = () => openSync("/dev/null", "r"), close: (fd: number) => void = closeSync) {
    this.#open = open;
    this.#close = close;
    this.#refill();
  }

  /** Gives them to what `action` opens, and takes them again. */
  lend<T>(action: () => T): T {
    for (const fd of this.#held.splice(0)) this.#close(fd);
    try {
      return action();
    } finally {
      this.#refill();
    }
  }

  close(): void {
    for (const fd of this.#held.splice(0)) this.#close(fd);
  }

  /** Somebody may have been faster: what is missing is taken after the next save. */
  #refill(): void {
    try {
      while (this.#held.length < COUNT) this.#held.push(this.#open());
    } catch {
      // None is free now.
    }
  }
}
