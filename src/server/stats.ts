/** How many samples a rate is averaged over, one each tenth of a second. */
const SAMPLES = 16;
const SAMPLE_EVERY_MS = 100;

/** Counters of the server since its start; INFO shows them. */
export interface Counters {
  connectionsReceived: number;
  connectionsRejected: number;
  commandsProcessed: number;
  /** Time spent in commands, until their answer or until the core took them. */
  commandMillis: number;
  inputBytes: number;
  outputBytes: number;
  reads: number;
  writes: number;
  errorReplies: number;
  queryBufferDisconnections: number;
  outputBufferDisconnections: number;
  evictedClients: number;
  deniedAuth: number;
  deniedCommand: number;
  deniedChannel: number;
  deniedCertificate: number;
}

export function createCounters(): Counters {
  return {
    connectionsReceived: 0,
    connectionsRejected: 0,
    commandsProcessed: 0,
    commandMillis: 0,
    inputBytes: 0,
    outputBytes: 0,
    reads: 0,
    writes: 0,
    errorReplies: 0,
    queryBufferDisconnections: 0,
    outputBufferDisconnections: 0,
    evictedClients: 0,
    deniedAuth: 0,
    deniedCommand: 0,
    deniedChannel: 0,
    deniedCertificate: 0,
  };
}

/** The recent increase of a counter per second. */
export class Rate {
  readonly #perSecond: number[] = [];
  #value = 0;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** Samples closer than a tenth of a second are left out. */
  isDue(nowMs: number): boolean {
    return nowMs - this.#atMs >= SAMPLE_EVERY_MS;
  }

  /** Called at each tick. */
  sample(value: number, nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (!this.isDue(nowMs)) return;
    this.#perSecond.push(((value - this.#value) * 1000) / elapsedMs);
    if (this.#perSecond.length > SAMPLES) this.#perSecond.shift();
    this.#value = value;
    this.#atMs = nowMs;
  }

  perSecond(): number {
    if (this.#perSecond.length === 0) return 0;
    return this.#perSecond.reduce((sum, sample) => sum + sample, 0) / this.#perSecond.length;
  }
}

export interface Rates {
  readonly commands: Rate;
  readonly inputBytes: Rate;
  readonly outputBytes: Rate;
}

export function createRates(nowMs: number): Rates {
  return {
    commands: new Rate(nowMs),
    inputBytes: new Rate(nowMs),
    outputBytes: new Rate(nowMs),
  };
}

export function sampleRates(rates: Rates, counters: Counters, nowMs: number): void {
  rates.commands.sample(counters.commandsProcessed, nowMs);
  rates.inputBytes.sample(counters.inputBytes, nowMs);
  rates.outputBytes.sample(counters.outputBytes, nowMs);
}
