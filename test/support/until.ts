import { setTimeout as wait } from "node:timers/promises";

const pollMs = 25;

export interface UntilOptions {
  readonly what: string;
  readonly timeoutMs?: number;
  /** Ends the waiting early, for example because the test is over. */
  readonly signal?: AbortSignal;
}

/**
 * Polls what has no event to wait for. The probe returns the result, or undefined or false for
 * "not yet"; what it throws is shown when the time is over.
 */
export async function until<T>(
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { what, timeoutMs = 15_000, signal }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown = null;
  while (performance.now() < deadline) {
    signal?.throwIfAborted();
    try {
      const result = await probe();
      if (result !== undefined && result !== false) return result;
      lastError = null;
    } catch (error) {
      lastError = error;
    }
    await wait(pollMs);
  }
  const why = lastError === null ? "" : ` (last attempt: ${String(lastError)})`;
  throw new Error(`Not within ${timeoutMs} ms: ${what}${why}`);
}

/** Rejects when the promise has not settled in time. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  const { promise: late, reject } = deferred<never>();
  const error = new Error(`Not within ${timeoutMs} ms: ${what}`);
  const timer = setTimeout(() => reject(error), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

export function deferred<T>(): Deferred<T> {
  const out: Partial<Deferred<T>> = {};
  const promise = new Promise<T>((resolve, reject) => Object.assign(out, { resolve, reject }));
  return { ...(out as Deferred<T>), promise };
}
