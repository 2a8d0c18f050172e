import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { makeAddress, sameAddress } from "../../src/core/address.ts";
import type { Context } from "../../src/core/context.ts";
import { claimOf } from "../../src/core/heirs.ts";
import { MasterPlaces } from "../../src/core/master-places.ts";
import { leftTo } from "../../src/core/other-names.ts";
import { lookAt } from "../../src/view/view.ts";
import { LoneSentinel, PLAIN_MASTER } from "./harness.ts";

/** Two names of one host, one address written in two ways, and a name that nobody resolved. */
const HOSTS = [
  "10.0.0.1",
  "10.0.0.2",
  "::1",
  "0:0:0:0:0:0:0:1",
  "redis-1",
  "REDIS-1",
  "redis-2",
  "dark",
];
const IPS: Readonly<Record<string, string>> = { "redis-1": "10.0.0.1", "redis-2": "10.0.0.2" };
const where = fc.record({
  host: fc.constantFrom(...HOSTS),
  port: fc.constantFrom(6379, 6380),
});

/** Masters at these places, each with a replica at the first of the others. */
function contextOf(places: readonly { host: string; port: number }[]): Context {
  const masters = places.map(({ host, port }, at) => ({
    ...{ ...PLAIN_MASTER, name: `m${at}`, host, port },
    replicas: places.filter((_, other) => other === (at + 1) % places.length),
  }));
  const { core, now } = new LoneSentinel({ masters, resolveHostnames: true });
  for (const [host, ip] of Object.entries(IPS)) {
    core.step({ type: "resolved", host, ip }, now);
  }
  return lookAt(core.state, now);
}

test("law: whoever is at an address is found there", () => {
  fc.assert(
    fc.property(
      fc.array(where, { minLength: 1, maxLength: 6 }),
      where,
      (places, { host, port }) => {
        const ctx = contextOf(places);
        const masters = [...ctx.state.masters.values()];
        const address = makeAddress(ctx, host, port) ?? assert.fail();
        const found = new MasterPlaces(masters).at(address.host, address.ip, port);
        const missing = masters.filter(
          (master) => sameAddress(master.address, address) && !found.includes(master),
        );
        assert.deepEqual(
          missing.map(({ name }) => name),
          [],
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("law: the same is said of replicas with and without it", () => {
  fc.assert(
    fc.property(fc.array(where, { minLength: 2, maxLength: 5 }), where, (places, upstream) => {
      const ctx = contextOf(places);
      const masters = [...ctx.state.masters.values()];
      const withPlaces = { ...ctx, places: new MasterPlaces(masters) };
      for (const replica of masters.flatMap((master) => [...master.replicas.values()])) {
        replica.upstreamHost = upstream.host;
        replica.upstreamPort = upstream.port;
        replica.infoAt = ctx.now;
        replica.roleReported = "slave";
        replica.history = { id: "7".repeat(40), offset: 2n, parent: null };
        replica.upstreamLinkUp = true;
        assert.equal(leftTo(withPlaces, replica)?.name, leftTo(ctx, replica)?.name);
        assert.deepEqual(claimOf(withPlaces, replica), claimOf(ctx, replica));
      }
    }),
    { numRuns: 200 },
  );
});
