import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { InstanceLink } from "../../src/core/link-state.ts";
import { DEFAULT_SETTINGS, type MasterSettings } from "../../src/core/master-settings.ts";
import type { Instance, Master, PeerSentinel, Replica } from "../../src/core/state.ts";
import { LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

/** What the clock of a lone Sentinel shows. */
const NOW = 1_000_000;
const OTHER_ID = "c".repeat(40);

type Change<T> = readonly [field: string, change: Partial<T>, shown: string | undefined];

/** Each is asked for, made, and asked for again: what was shown before must not be shown then. */
const OF_ANY: readonly Change<Instance>[] = [
  ["ip", { address: { host: "10.0.0.9", ip: "10.0.0.9", port: 7 } }, "10.0.0.9"],
  ["port", { address: { host: "10.0.0.9", ip: "10.0.0.9", port: 8 } }, "8"],
  ["runid", { runId: OTHER_ID }, OTHER_ID],
  ["s-down-time", { sdown: true, sdownSince: NOW - 7 }, "7"],
  ["s-down-time", { sdown: false }, undefined],
  ["down-after-milliseconds", { downAfterMs: 4_321 }, "4321"],
];

const OF_LINK: readonly Change<InstanceLink>[] = [
  ["last-ping-sent", { pingPendingSince: NOW - 12 }, "12"],
  ["last-ok-ping-reply", { lastValidPongAt: NOW - 13 }, "13"],
  ["last-ping-reply", { lastPongAt: NOW - 14 }, "14"],
  ["link-refcount", { owners: new Set() }, "0"],
];

const set = (change: Partial<MasterSettings>) => ({
  settings: { ...DEFAULT_SETTINGS, ...change },
});

const OF_MASTER: readonly Change<Master>[] = [
  ["flags", { odown: true }, "o_down,master,disconnected"],
  ["o-down-time", { odownSince: NOW - 3 }, "3"],
  ["info-refresh", { infoAt: NOW - 1_234 }, "1234"],
  ["role-reported", { roleReported: "slave" }, "slave"],
  ["role-reported-time", { roleReportedSince: NOW - 5 }, "5"],
  ["config-epoch", { configEpoch: 2n ** 62n }, "4611686018427387904"],
  ["num-slaves", { replicas: new Map() }, "0"],
  ["num-other-sentinels", { sentinels: new Map() }, "0"],
  ["quorum", set({ quorum: 77 }), "77"],
  ["failover-timeout", set({ failoverTimeoutMs: 1 }), "1"],
  ["parallel-syncs", set({ parallelSyncs: 5 }), "5"],
  ["notification-script", set({ notificationScript: "/bin/a" }), "/bin/a"],
  ["notification-script", set({}), undefined],
  ["client-reconfig-script", set({ clientReconfigScript: "/bin/b" }), "/bin/b"],
];

const OF_REPLICA: readonly Change<Replica>[] = [
  ["flags", { reconf: "sent" }, "slave,disconnected,reconf_sent"],
  ["master-link-down-time", { masterLinkDownMs: 9_000 }, "9000"],
  ["master-link-status", { upstreamLinkUp: true }, "ok"],
  ["master-host", { upstreamHost: "h" }, "h"],
  ["master-port", { upstreamPort: 6 }, "6"],
  ["slave-priority", { priority: 1 }, "1"],
  ["slave-repl-offset", { replOffset: 2n ** 60n }, "1152921504606846976"],
];

const OF_SENTINEL: readonly Change<PeerSentinel>[] = [
  ["flags", { masterDown: true }, "sentinel,disconnected,master_down"],
  ["last-hello-message", { lastHelloAt: NOW - 44 }, "44"],
  ["voted-leader", { leader: OTHER_ID }, OTHER_ID],
  ["voted-leader-epoch", { leaderEpoch: 6n }, "6"],
];

function watching(): LoneSentinel {
  const replicas = [{ host: "127.0.0.1", port: 6380 }];
  const sentinels = [{ host: "127.0.0.1", port: 26380, runId: PEER_ID }];
  return new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas, sentinels }] });
}

function only<T>(instances: ReadonlyMap<string, T>): T {
  const [first] = instances.values();
  assert.ok(first);
  return first;
}

function check<T extends Instance>(
  command: string,
  subject: (master: Master) => T,
  own: readonly Change<T>[],
): void {
  it(`${command} shows at once whatever changes`, () => {
    const sentinel = watching();
    sentinel.isMadeUp = true;
    const instance = subject(sentinel.master);
    const shown = () => {
      const reply = plain(sentinel.ask("SENTINEL", command, "mymaster"));
      return (Array.isArray(reply) ? reply[0] : reply) as Record<string, string>;
    };
    function checkEach<O>(object: O & object, changes: readonly Change<O>[]): void {
      for (const [field, change, text] of changes) {
        assert.notEqual(shown()[field], text, field);
        Object.assign(object, change);
        assert.equal(shown()[field], text, field);
      }
    }
    checkEach<Instance>(instance, OF_ANY);
    checkEach(instance, own);
    checkEach(instance.link, OF_LINK);
  });
}

describe("SENTINEL", () => {
  check("MASTER", (master) => master, OF_MASTER);
  check("REPLICAS", ({ replicas }) => only(replicas), OF_REPLICA);
  check("SENTINELS", ({ sentinels }) => only(sentinels), OF_SENTINEL);

  it("GET-MASTER-ADDR-BY-NAME tells another address and another way to show it at once", () => {
    const sentinel = watching();
    const { master } = sentinel;
    const ask = () => plain(sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"));
    assert.deepEqual(ask(), ["127.0.0.1", "6379"]);
    master.address = { host: "db", ip: "127.0.0.1", port: 6400 };
    assert.deepEqual(ask(), ["127.0.0.1", "6400"]);
    sentinel.core.state.settings.announceHostnames = true;
    assert.deepEqual(ask(), ["db", "6400"]);
    assert.deepEqual(ask(), ["db", "6400"]);
  });
});
