import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Master } from "../../src/core/state.ts";
import { healthyMaster, LoneSentinel, PLAIN_MASTER, plain } from "./harness.ts";

const BUG = new Error("an invariant that does not hold");

/** Two masters; whatever concludes anything about the first, or looks at it, throws. */
function withBug(field: "downAfterMs" | "sentinels"): LoneSentinel {
  const sentinel = new LoneSentinel({
    masters: [
      { ...PLAIN_MASTER, name: "sick" },
      { ...PLAIN_MASTER, name: "well", port: 6380, downAfterMs: 1_000 },
    ],
  });
  sentinel.live(2, healthyMaster);
  sentinel.survivesFaults = true;
  Object.defineProperty(sentinel.master, field, {
    get: () => {
      throw BUG;
    },
  });
  return sentinel;
}

function isDown(sentinel: LoneSentinel, name: string): boolean {
  const master: Master | undefined = sentinel.core.state.masters.get(name);
  return master?.sdown === true;
}

describe("an exception in the business of one master [D-CONTAIN]", () => {
  for (const field of ["downAfterMs", "sentinels"] as const) {
    it(`ends neither the process nor the watching of the others (${field})`, () => {
      const sentinel = withBug(field);
      sentinel.pass(5_000);
      assert.ok(isDown(sentinel, "well"));
      assert.ok(sentinel.events.some((one) => one.startsWith("+sdown master well ")));
    });
  }

  it("is told with where it happened, each time", () => {
    const sentinel = withBug("downAfterMs");
    sentinel.pass(3_000);
    const faults = sentinel.effects.filter((one) => one.type === "fault");
    assert.ok(faults.length > 2);
    assert.deepEqual(faults[0], { type: "fault", where: "the master 'sick'", error: BUG });
  });

  it("has what was changed before it saved", () => {
    const sentinel = withBug("downAfterMs");
    const saves = sentinel.saves;
    sentinel.pass(1_500);
    assert.ok(sentinel.saves > saves);
  });

  it("answers the client whose command met it", () => {
    const sentinel = withBug("downAfterMs");
    assert.match(`${plain(sentinel.ask("SENTINEL", "MASTER", "sick"))}`, /^-ERR .* see its log$/);
    assert.notEqual(plain(sentinel.ask("SENTINEL", "MASTER", "well")), undefined);
  });
});

it("ticks that fail as a whole again and again end the process", () => {
  const sentinel = new LoneSentinel();
  sentinel.survivesFaults = true;
  sentinel.core.state.agenda.takeDue = () => {
    throw BUG;
  };
  assert.throws(() => sentinel.pass(10_000), BUG);
  assert.ok(sentinel.effects.filter((one) => one.type === "fault").length >= 50);
});
