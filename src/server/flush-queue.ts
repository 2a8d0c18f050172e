interface Flushable {
  flush(): void;
}

/**
 * Clients that have something to receive when the present step of the process is over. One
 * microtask serves all of them: an event may have thousands of subscribers.
 */
export class FlushQueue {
  #waiting: Flushable[] = [];

  add(client: Flushable): void {
    if (this.#waiting.push(client) === 1) queueMicrotask(() => this.#flushAll());
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const client of waiting) client.flush();
  }
}
