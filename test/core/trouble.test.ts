import assert from "node:assert/strict";
import { it } from "node:test";
import { error, type Reply } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel } from "./harness.ts";

const WHY = "MISCONF Errors writing to the AOF file";
const MISCONF = error(WHY);

function reasons(sentinel: LoneSentinel): string[] {
  return sentinel.effects.flatMap((one) =>
    one.type === "log" && one.text.includes(": last error: ") ? [`${one.level} ${one.text}`] : [],
  );
}

it("the reason stands behind +sdown, once in a period of silence", () => {
  const sentinel = new LoneSentinel();
  sentinel.live(2, healthyMaster);
  const refusing = (args: readonly string[]): Reply | null =>
    args[0] === "PING" ? MISCONF : healthyMaster(args);
  sentinel.live(20, refusing);
  const told = `notice master mymaster 127.0.0.1 6379: last error: it refuses PING: ${WHY}`;
  assert.deepEqual(reasons(sentinel), [told]);
  const all = sentinel.effects.flatMap((one) =>
    one.type === "event" ? [one.name] : one.type === "log" ? [one.text] : [],
  );
  const at = all.indexOf("+sdown");
  assert.equal(`notice ${all[at + 1]}`, told);

  sentinel.live(5, healthyMaster);
  sentinel.live(20, refusing);
  assert.deepEqual(reasons(sentinel), [told, told]);
});

it("what was over long before is no reason", () => {
  const sentinel = new LoneSentinel();
  sentinel.live(1, (args) => (args[0] === "PING" ? MISCONF : healthyMaster(args)));
  sentinel.live(5, healthyMaster);
  sentinel.live(20, () => null);
  assert.ok(sentinel.events.some((one) => one.startsWith("+sdown master")));
  assert.deepEqual(
    reasons(sentinel).filter((one) => one.includes("MISCONF")),
    [],
  );
});
