import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scriptJobId } from "../support/ids.ts";
import { LoneSentinel, PLAIN_MASTER, plain } from "./harness.ts";

function withScript(): LoneSentinel {
  const master = { ...PLAIN_MASTER, notificationScript: "/bin/notify" };
  return new LoneSentinel({ masters: [master] });
}

const started = (sentinel: LoneSentinel) =>
  sentinel.effects.flatMap((one) => (one.type === "runScript" ? [one] : []));

describe("scripts", () => {
  it("get the event's name and payload, on warnings of their master only", () => {
    const sentinel = withScript();
    sentinel.ask("SENTINEL", "SET", "mymaster", "quorum", "3");
    sentinel.pass(100);
    assert.deepEqual(
      started(sentinel).map(({ argv }) => argv),
      [["/bin/notify", "+set", "master mymaster 127.0.0.1 6379 quorum 3"]],
    );
  });

  it("that exit with 1 are retried after 30 s, 60 s, ..., ten executions in all", () => {
    const sentinel = withScript();
    sentinel.ask("SENTINEL", "SET", "mymaster", "quorum", "3");
    // Nothing else may happen to the master meanwhile: only time passes for the scripts.
    sentinel.master.link.owners.clear();
    sentinel.core.state.masters.clear();
    const delays: number[] = [];
    let lastAt = sentinel.now;
    for (let run = 1; run <= 10; run++) {
      while (started(sentinel).length < run) sentinel.pass(1_000);
      delays.push(Math.round((sentinel.now - lastAt) / 1_000));
      lastAt = sentinel.now;
      const job = started(sentinel).at(-1)?.job ?? 0;
      sentinel.step({ type: "scriptStarted", job: scriptJobId(job), pid: 100 + run });
      sentinel.step({ type: "scriptExit", job: scriptJobId(job), exitCode: 1, signal: 0 });
    }
    assert.deepEqual(delays.slice(1, 4), [30, 60, 120]);
    assert.ok(sentinel.events.includes("-script-error /bin/notify 0 1"));
    assert.deepEqual(plain(sentinel.ask("SENTINEL", "PENDING-SCRIPTS")), []);
  });

  it("that exit with 2 are not retried", () => {
    const sentinel = withScript();
    sentinel.ask("SENTINEL", "SET", "mymaster", "quorum", "3");
    sentinel.pass(100);
    const job = started(sentinel)[0]?.job ?? 0;
    sentinel.step({ type: "scriptExit", job: scriptJobId(job), exitCode: 2, signal: 0 });
    assert.equal(sentinel.events.at(-1), "-script-error /bin/notify 0 2");
    assert.equal(sentinel.core.state.scripts.length, 0);
  });

  it("that run for more than a minute are killed, and count as killed by a signal", () => {
    const sentinel = withScript();
    sentinel.ask("SENTINEL", "SET", "mymaster", "quorum", "3");
    sentinel.pass(100);
    const job = started(sentinel)[0]?.job ?? 0;
    sentinel.step({ type: "scriptStarted", job: scriptJobId(job), pid: 77 });
    sentinel.core.state.masters.clear();
    sentinel.isMadeUp = true;
    sentinel.pass(61_000);
    assert.ok(sentinel.events.includes("-script-timeout /bin/notify 77"));
    assert.ok(sentinel.effects.some((one) => one.type === "killScript" && one.pid === 77));
    sentinel.step({ type: "scriptExit", job: scriptJobId(job), exitCode: 0, signal: 9 });
    assert.equal(sentinel.core.state.scripts[0]?.runningSince, null);
  });

  it("run at most 16 at once, and the queue holds 256", () => {
    const sentinel = withScript();
    for (let i = 0; i < 300; i++) sentinel.ask("SENTINEL", "SET", "mymaster", "quorum", "3");
    assert.equal(sentinel.core.state.scripts.length, 256);
    sentinel.pass(100);
    assert.equal(started(sentinel).length, 16);
  });
});
