import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { sameAddress } from "../../src/core/address.ts";
import { HELLO_CHANNEL } from "../../src/core/defaults.ts";
import {
  INFO_CACHE_BYTES,
  MAX_INFO_BYTES,
  MAX_REPLICAS,
  MAX_REPLICAS_IN_ALL,
  MAX_SENTINEL_LINKS,
} from "../../src/core/limits.ts";
import { AddressSet } from "../../src/core/replica-room.ts";
import type { Address, Master } from "../../src/core/state.ts";
import { connectionId, requestId } from "../support/ids.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

/** INFO of a master that names so many replicas, from that number on. */
function infoOf(first: number, count: number): Reply {
  const lines = Array.from({ length: count }, (_, i) => {
    const number = first + i;
    return `slave${i}:ip=10.${number >> 16}.${(number >> 8) & 255}.${number & 255},port=6379`;
  });
  return bulk(`run_id:${"1".repeat(40)}\r\nrole:master\r\n${lines.join("\r\n")}\r\n`);
}

/** Lets a master that is connected answer an INFO at once, and again when it is asked again for that. */
function hear(sentinel: LoneSentinel, master: Master, reply: Reply): void {
  for (let asked = true; asked; ) asked = hearOnce(sentinel, master, reply);
}

function hearOnce(sentinel: LoneSentinel, master: Master, reply: Reply): boolean {
  const { link } = master;
  const connection = link.command?.id ?? connectionId(0);
  for (const [id, { kind }] of link.pending) if (kind === "info") link.pending.delete(id);
  link.pending.set(requestId(-1), { kind: "info", owner: master, connection });
  sentinel.step({ type: "reply", connection, request: requestId(-1), reply });
  return [...link.pending.values()].some(({ kind }) => kind === "info");
}

/** The least of some measurements: the machine may be busy otherwise. */
function leastMillis(attempts: number, action: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < attempts; i++) {
    const startedAt = performance.now();
    action();
    least = Math.min(least, performance.now() - startedAt);
  }
  return least;
}

describe("INFO of a hostile server [D-LIMITS]", () => {
  it("adds replicas up to a limit, which is told once, and none of them twice", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(1, healthyMaster);
    const { master } = sentinel;
    for (let i = 0; i < 6; i++) hear(sentinel, master, infoOf(500 * i, 800));
    assert.equal(master.replicas.size, MAX_REPLICAS);
    const told = sentinel.effects.filter(
      (one) => one.type === "log" && one.text.startsWith("INFO names more replicas"),
    );
    assert.equal(told.length, 1);
    sentinel.ask("SENTINEL", "RESET", "mymaster");
    assert.equal(master.replicas.size, 0);
  });

  it("adds some at a time, for the others wait while each is connected to, told and saved", () => {
    const [few, all] = [50, 2_000];
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 5; attempt++) {
      const sentinel = new LoneSentinel();
      sentinel.live(1, healthyMaster);
      const { master } = sentinel;
      let worst = 0;
      for (let size = few, asked = true; asked; size += few) {
        const info = infoOf(0, all);
        const from = process.cpuUsage();
        asked = hearOnce(sentinel, master, info);
        worst = Math.max(worst, process.cpuUsage(from).user / 1_000);
        assert.equal(master.replicas.size, Math.min(size, MAX_REPLICAS));
      }
      best = Math.min(best, worst);
    }
    assert.ok(best < 12, `${best.toFixed(1)} ms`);
  });

  it("adds no more than all masters together may have", () => {
    const masters = Array.from({ length: 12 }, (_, i) => ({
      ...PLAIN_MASTER,
      name: `m${i}`,
      port: 6000 + i,
    }));
    const sentinel = new LoneSentinel({ masters });
    sentinel.live(1, healthyMaster);
    const all = [...sentinel.core.state.masters.values()];
    for (const [i, master] of all.entries()) hear(sentinel, master, infoOf(2_000 * i, 2_000));
    const count = all.reduce((sum, { replicas }) => sum + replicas.size, 0);
    assert.equal(count, MAX_REPLICAS_IN_ALL);
  });

  it("takes no time that others would miss, as often as it comes", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(1, healthyMaster);
    const first = infoOf(0, 1_000);
    const other = infoOf(50_000, 25_000);
    assert.ok(other.type === "bulk" && other.text.length < MAX_INFO_BYTES);
    hear(sentinel, sentinel.master, first);
    const least = leastMillis(5, () => hear(sentinel, sentinel.master, other));
    assert.equal(sentinel.master.replicas.size, MAX_REPLICAS);
    assert.ok(least < 100, `${least.toFixed()} ms`);
  });

  it("is kept as long as a real one is, and shorter where there are thousands", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(1, healthyMaster);
    const { master } = sentinel;
    sentinel.isMadeUp = true;
    const long = bulk(`role:master\r\n${"x".repeat(MAX_INFO_BYTES - 100)}`);
    hear(sentinel, master, long);
    assert.equal(master.infoText?.length, INFO_CACHE_BYTES.most);
    for (let i = 0; i < 100_000; i++) {
      sentinel.core.state.connections.set(connectionId(-1 - i), {
        link: master.link,
        purpose: "command",
      });
    }
    hear(sentinel, master, long);
    assert.equal(master.infoText?.length, INFO_CACHE_BYTES.least);
  });
});

describe("a file with tens of thousands of known replicas", () => {
  const made = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      host: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      port: 6379,
    }));
  const MANY = 45_000;

  it("is started from and switched in linear time", () => {
    const hello = `127.0.0.9,26380,${PEER_ID},9,mymaster,127.0.0.1,6390,9`;
    const least = (count: number) => {
      const replicas = made(count);
      return leastMillis(3, () => {
        const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }] });
        sentinel.step({ type: "start" });
        assert.deepEqual(plain(sentinel.ask("PUBLISH", HELLO_CHANNEL, hello)), 1);
        assert.equal(sentinel.master.replicas.size, count + 1);
        assert.equal(sentinel.master.address.port, 6390);
      });
    };
    // A tenth of them takes a hundredth of the time where each is compared with each.
    const [few, many] = [least(MANY / 10), least(MANY)];
    assert.ok(many < 40 * few, `${few.toFixed()} ms, ${many.toFixed()} ms`);
  });
});

describe("an AddressSet", () => {
  it("finds what sameAddress finds", () => {
    const address: fc.Arbitrary<Address> = fc.oneof(
      fc
        .record({ ip: fc.constantFrom("10.0.0.1", "10.0.0.2", "::1"), port: fc.constantFrom(1, 2) })
        .map(({ ip, port }) => ({ host: ip, ip, port })),
      fc.record({
        host: fc.constantFrom("db", "DB", "other"),
        ip: fc.constantFrom("10.0.0.1", "10.0.0.2", null),
        port: fc.constantFrom(1, 2),
      }),
    );
    fc.assert(
      fc.property(fc.array(address, { maxLength: 5 }), address, (known, wanted) => {
        const set = new AddressSet();
        for (const one of known) set.add(one);
        assert.equal(
          set.has(wanted),
          known.some((one) => sameAddress(one, wanted)),
        );
      }),
    );
  });
});

describe("made-up Sentinels of one master", () => {
  const forged = Array.from({ length: 400 }, (_, i) => ({
    host: "127.0.0.1",
    port: 30_000 + i,
    runId: `${i}`.padStart(40, "e"),
  }));
  const masters = [
    { ...PLAIN_MASTER, sentinels: forged },
    { ...PLAIN_MASTER, name: "other", port: 6380, replicas: [{ host: "127.0.0.1", port: 6381 }] },
  ];

  function portsDialled(maxLinks?: number): number[] {
    const sentinel = new LoneSentinel({ masters });
    if (maxLinks !== undefined) sentinel.core.state.settings.maxLinks = maxLinks;
    for (let second = 0; second < 10; second++) sentinel.pass(1_000);
    const ports = sentinel.effects.flatMap((one) => (one.type === "connect" ? [one.port] : []));
    return [...new Set(ports)];
  }

  it("have connections up to a limit, those known longest first; the other master has all of its own", () => {
    const ports = portsDialled();
    const peers = ports.filter((port) => port >= 30_000);
    assert.deepEqual(
      peers.sort((a, b) => a - b),
      forged.slice(0, MAX_SENTINEL_LINKS).map(({ port }) => port),
    );
    for (const port of [6379, 6380, 6381]) assert.ok(ports.includes(port), `${port}`);
  });

  it("have fewer where there are few descriptors", () => {
    const ports = portsDialled(80);
    assert.equal(ports.filter((port) => port >= 30_000).length, 20);
    for (const port of [6379, 6380, 6381]) assert.ok(ports.includes(port), `${port}`);
  });
});
