import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../src/core/random.ts";
import { AwakeClock, monotonicMillis, Ticker } from "../../src/runtime/clock.ts";
import { systemRandom } from "../../src/runtime/random.ts";

/** Timers that fire when told. */
class ManualTimers {
  readonly delays: number[] = [];
  pending: (() => void) | null = null;
  due: (() => void) | null = null;
  readonly #handle = setTimeout(() => undefined, 0);
  readonly #immediate = setImmediate(() => undefined);

  set = (callback: () => void, delayMs: number): NodeJS.Timeout => {
    this.delays.push(delayMs);
    this.pending = callback;
    return this.#handle;
  };

  clear = (): void => {
    this.pending = null;
  };

  setAfterInput = (callback: () => void): NodeJS.Immediate => {
    this.due = callback;
    return this.#immediate;
  };

  clearAfterInput = (): void => {
    this.due = null;
  };

  fire(): void {
    const callback = this.pending;
    this.pending = null;
    callback?.();
  }

  /** Lets the time come, and the input be read. */
  tick(): void {
    this.fire();
    this.read();
  }

  read(): void {
    const callback = this.due;
    this.due = null;
    callback?.();
  }
}

function ticking(
  timers: ManualTimers,
  onTick: () => void,
  nextDueAt: () => number | null = () => null,
): Ticker {
  return new Ticker({ onTick, nextDueAt, random: seededRandom(1), now: () => 1_000, timers });
}

test("time is whole and does not fall", () => {
  const first = monotonicMillis();
  const second = monotonicMillis();
  assert.ok(Number.isInteger(first) && Number.isInteger(second));
  assert.ok(second >= first);
});

test("ticks come 10 to 19 times a second, the rate drawn anew each time", () => {
  const timers = new ManualTimers();
  let ticks = 0;
  const ticker = ticking(timers, () => ticks++);
  ticker.start();
  for (let i = 0; i < 500; i++) {
    assert.equal(timers.delays.at(-1), 1000 / ticker.hz);
    timers.tick();
  }
  assert.equal(ticks, 500);
  const rates = new Set(timers.delays.map((delay) => Math.round(1000 / delay)));
  assert.deepEqual([...rates].sort(), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
});

test("the next tick is set after the last one ended", () => {
  const timers = new ManualTimers();
  const ticker = ticking(timers, () => assert.equal(timers.pending, null));
  ticker.start();
  timers.tick();
  assert.notEqual(timers.pending, null);
});

test("what has arrived is read before the tick", () => {
  const timers = new ManualTimers();
  let ticks = 0;
  const ticker = ticking(timers, () => ticks++);
  ticker.start();
  timers.fire();
  assert.equal(ticks, 0);
  assert.equal(timers.pending, null);
  timers.due?.();
  assert.equal(ticks, 1);
  timers.fire();
  ticker.stop();
  assert.equal(timers.due, null);
});

test("a ticker stopped in its own tick stays stopped", () => {
  const timers = new ManualTimers();
  const ticker: Ticker = ticking(timers, () => ticker.stop());
  ticker.start();
  timers.tick();
  assert.equal(timers.pending, null);
});

test("a tick comes as early as something is due, and not later than usual", () => {
  const timers = new ManualTimers();
  let dueAt: number | null = 1_007;
  const ticker = ticking(
    timers,
    () => undefined,
    () => dueAt,
  );
  ticker.start();
  assert.equal(timers.delays.at(-1), 7);
  dueAt = 1_003;
  ticker.hasten();
  assert.equal(timers.delays.at(-1), 3);
  const planned = timers.delays.length;
  for (const later of [1_004, null]) {
    dueAt = later;
    ticker.hasten();
  }
  assert.equal(timers.delays.length, planned);
  dueAt = 900;
  ticker.hasten();
  assert.equal(timers.delays.at(-1), 0);
  dueAt = null;
  timers.tick();
  assert.equal(timers.delays.at(-1), 1000 / ticker.hz);
});

test("a tick that is due already is not put off by what comes meanwhile", () => {
  const timers = new ManualTimers();
  let now = 1_000;
  const nextDueAt = () => 990;
  const random = { below: () => 0 };
  const ticker = new Ticker({ onTick: () => undefined, nextDueAt, random, now: () => now, timers });
  ticker.start();
  for (now = 1_001; now < 1_005; now++) ticker.hasten();
  assert.deepEqual(timers.delays, [0]);
});

test("system chance stays within its bound", () => {
  const drawn = Array.from({ length: 1_000 }, () => systemRandom.below(16));
  assert.ok(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < 16));
  assert.equal(new Set(drawn).size, 16);
});

test("a tick under way when the loop was blocked waits until what arrived was read", () => {
  const timers = new ManualTimers();
  let ticks = 0;
  const ticker = ticking(timers, () => ticks++);
  ticker.start();
  ticker.hearFirst();
  timers.read();
  assert.equal(ticks, 0);
  timers.fire();
  ticker.hearFirst();
  // In the turn in which we were blocked nothing more is read.
  timers.read();
  assert.equal(ticks, 0);
  timers.read();
  assert.equal(ticks, 1);
});

/** A machine whose clocks the test moves. */
class Machine {
  readonly ms = { monotonic: 5_000, wall: 1_700_000_000_000, boot: 90_000 };
  readonly clock = new AwakeClock({
    monotonic: () => this.ms.monotonic,
    wall: () => this.ms.wall,
    boot: () => this.ms.boot,
  });

  /** What now() shows of it. */
  pass(monotonic: number, wall: number, boot: number): number {
    const before = this.clock.now();
    this.ms.monotonic += monotonic;
    this.ms.wall += wall;
    this.ms.boot += boot;
    return this.clock.now() - before;
  }
}

test("the time in which the machine was suspended counts", () => {
  const machine = new Machine();
  assert.equal(machine.pass(100, 100, 100), 100);
  assert.equal(machine.pass(10, 7_010, 7_010), 7_010);
  assert.equal(machine.pass(100, 100, 100), 100);
  // Woken up, it sets its clock by a time server as well.
  assert.equal(machine.pass(10, 90_000, 60_010), 60_010);
});

test("a step of the wall clock alone does not [D-MONOTONIC]", () => {
  const machine = new Machine();
  for (const stepMs of [3_600_000, -7_200_000, 900, 900, -86_400_000]) {
    assert.equal(machine.pass(50, 50 + stepMs, 50), 50);
  }
  // A boot clock in whole seconds.
  assert.equal(machine.pass(50, 5_000, 950), 50);
});

test("a system without a boot clock has its monotonic one", () => {
  const machine = new Machine();
  machine.ms.boot = Number.NaN;
  assert.equal(machine.pass(10, 9_000, 9_000), 10);
});
