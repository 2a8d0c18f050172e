import { Worker } from "node:worker_threads";

const patienceMs = 20_000;

/** Watches from a thread of its own, since a case that never ends lets nothing else run. */
const program = `
const { workerData: { shared, names, patienceMs } } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const now = new Uint32Array(shared);
let before = -1;
setInterval(() => {
  const count = Atomics.load(now, 0);
  if (count === before) {
    const name = names[Atomics.load(now, 1)];
    const seed = Atomics.load(now, 2);
    writeSync(2, "fuzz: never ends: npm run fuzz -- --target " + name + " --case " + seed + "\\n");
    process.kill(process.pid, "SIGKILL");
  }
  before = count;
}, patienceMs);
`;

/** Ends the process, and says at which case, when one case takes longer than any should. */
export class Watchdog {
  readonly #now = new Uint32Array(new SharedArrayBuffer(12));
  readonly #names: readonly string[];
  readonly #worker: Worker;

  constructor(names: readonly string[]) {
    this.#names = names;
    const workerData = { shared: this.#now.buffer, names, patienceMs };
    this.#worker = new Worker(program, { eval: true, workerData });
    this.#worker.unref();
  }

  begins(name: string, seed: number): void {
    Atomics.store(this.#now, 1, this.#names.indexOf(name));
    Atomics.store(this.#now, 2, seed);
    Atomics.add(this.#now, 0, 1);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
