interface Flushable {
  flush(): void;
}

/** So long is sent in one turn of the event loop; then servers, Sentinels and requests have theirs. */
const TURN_MS = 4;

/**
 * Clients that have something to receive when the present step of the process is over. An event may have thousands of
 * subscribers, and writing to all of them takes longer than a client waits for an answer, or a server for a PING: so
 * they are served in turns, in the order in which they came to wait.
 */
export class FlushQueue {
  readonly #waiting = new Set<Flushable>();
  #isScheduled = false;

  add(client: Flushable): void {
    this.#waiting.add(client);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#flushSome);
  }

  readonly #flushSome = (): void => {
    const endsAtMs = performance.now() + TURN_MS;
    for (const client of this.#waiting) {
      this.#waiting.delete(client);
      client.flush();
      if (performance.now() >= endsAtMs) break;
    }
    this.#isScheduled = this.#waiting.size > 0;
    if (this.#isScheduled) setImmediate(this.#flushSome);
  };
}
