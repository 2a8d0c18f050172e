/**
 * Settings of the process that SENTINEL CONFIG SET may change beside those of the core [D-LIVE-SETTINGS]. What they are
 * and do only the process knows; values are texts as in the file, byte strings.
 */
export interface LiveSettings {
  has(name: string): boolean;
  /** The present value; null: it is a secret. */
  get(name: string): string | null;
  /** The error for the client, if these values cannot be used together; null: they can. Changes nothing. */
  refuse(changes: ReadonlyMap<string, string>): string | null;
}

/** Of a core without a process. */
export const NO_LIVE_SETTINGS: LiveSettings = {
  has: () => false,
  get: () => null,
  refuse: () => null,
};
