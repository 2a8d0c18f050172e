import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { FlushQueue } from "../../src/server/flush-queue.ts";

/** Takes so much time of the processor for each client. */
function work(millis: number): void {
  const endsAt = performance.now() + millis;
  while (performance.now() < endsAt);
}

class Client {
  readonly #number: number;
  readonly #served: number[];
  readonly #millis: number;

  constructor(number: number, served: number[], millis: number) {
    this.#number = number;
    this.#served = served;
    this.#millis = millis;
  }

  flush(): void {
    work(this.#millis);
    this.#served.push(this.#number);
  }
}

test("few clients are served when the step is over, each once", async () => {
  const queue = new FlushQueue();
  const served: number[] = [];
  const clients = [1, 2, 3].map((number) => new Client(number, served, 0));
  for (const client of [...clients, ...clients]) queue.add(client);
  assert.deepEqual(served, []);
  await Promise.resolve();
  assert.deepEqual(served, [1, 2, 3]);
});

test("many are served in turns, in their order, and others have turns between", async () => {
  const queue = new FlushQueue();
  const served: number[] = [];
  for (let number = 0; number < 100; number++) queue.add(new Client(number, served, 0.5));
  const counts: number[] = [];
  while (served.length < 100) {
    await setImmediate();
    counts.push(served.length);
  }
  assert.ok(counts.length > 5, `${counts}`);
  assert.deepEqual(
    served,
    Array.from({ length: 100 }, (_, number) => number),
  );
});

test("who has something to receive again waits behind the others", async () => {
  const queue = new FlushQueue();
  const served: number[] = [];
  const [slow, other] = [new Client(1, served, 10), new Client(2, served, 10)];
  queue.add(slow);
  queue.add(other);
  await Promise.resolve();
  queue.add(slow);
  for (let turn = 0; served.length < 3 && turn < 10; turn++) await setImmediate();
  assert.deepEqual(served, [1, 2, 1]);
});
