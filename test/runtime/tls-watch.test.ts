import assert from "node:assert/strict";
import { test } from "node:test";
import { lookPeriodMs, TlsWatch } from "../../src/runtime/tls-watch.ts";

/** Files whose looks end when the test says so. */
class FakeFiles {
  isUnsure = false;
  readonly complaints: string[] = [];
  /** What is told to whoever looks: whether somebody had asked. */
  readonly looks: boolean[] = [];
  #end: () => void = () => undefined;

  refresh(isAsked: boolean): Promise<void> {
    this.looks.push(isAsked);
    return new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  complain(problem: string): void {
    this.complaints.push(problem);
  }

  /** The look ends, and what follows has begun. */
  async end(): Promise<void> {
    this.#end();
    await new Promise(setImmediate);
  }
}

function scene(periodMs = 60_000) {
  const clock = { ms: 1_000 };
  const watch = new TlsWatch(periodMs, () => clock.ms);
  const [links, listener] = [new FakeFiles(), new FakeFiles()];
  watch.add(links);
  watch.add(listener);
  const pass = (ms: number) => {
    clock.ms += ms;
    watch.tick();
  };
  return { watch, links, listener, pass };
}

test("all are looked at in a period, one after the other", async () => {
  const { links, listener, pass } = scene();
  pass(59_999);
  assert.deepEqual([links.looks, listener.looks], [[], []]);
  pass(1);
  assert.deepEqual([links.looks, listener.looks], [[false], []]);
  await links.end();
  assert.deepEqual([links.looks, listener.looks], [[false], [false]]);
  await listener.end();
  pass(60_000);
  assert.deepEqual([links.looks, listener.looks], [[false, false], [false]]);
});

test("while one hangs nobody else begins, who waits is told once, and what was asked is done after it", async () => {
  const { watch, links, listener, pass } = scene();
  pass(60_000);
  pass(999);
  assert.equal(watch.isHeld, false);
  pass(1);
  assert.equal(watch.isHeld, true);
  pass(28_999);
  assert.deepEqual(links.complaints, []);
  pass(1);
  assert.deepEqual(links.complaints, ["a look at them has not ended for 30 s"]);
  watch.lookNow();
  pass(60_000);
  assert.deepEqual([links.looks, listener.looks], [[false], []]);
  await links.end();
  await listener.end();
  await links.end();
  assert.deepEqual([links.looks, listener.looks], [[false, true], [true]]);
  assert.equal(watch.isHeld, false);
});

test("a look that is not sure is made again five seconds later", async () => {
  const { links, listener, pass } = scene();
  pass(60_000);
  links.isUnsure = true;
  await links.end();
  await listener.end();
  pass(4_999);
  assert.equal(links.looks.length, 1);
  pass(1);
  assert.deepEqual([links.looks, listener.looks], [[false, false], [false]]);
});

test("a new connection lets its files be looked at, a second apart", async () => {
  const { watch, links, listener, pass } = scene();
  watch.dialled(links);
  await links.end();
  pass(999);
  watch.dialled(links);
  assert.equal(links.looks.length, 1);
  pass(1);
  watch.dialled(links);
  assert.deepEqual([links.looks, listener.looks], [[false, false], []]);
});

test("the period is a minute, or what tls-auto-reload-interval says: 0 if somebody wrote it is never", () => {
  assert.equal(lookPeriodMs(0, false), 60_000);
  assert.equal(lookPeriodMs(10, true), 10_000);
  const { links, pass } = scene(lookPeriodMs(0, true));
  pass(1e9);
  assert.deepEqual(links.looks, []);
});
