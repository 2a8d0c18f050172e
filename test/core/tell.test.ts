import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, bulk, integer, type Reply } from "../../src/base/reply.ts";
import { type Random, seededRandom } from "../../src/core/random.ts";
import { OWN_EVENT_LOOP, tellAfter } from "../../src/core/tell.ts";
import { connectionId } from "../support/ids.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

/** Ticks of a C Sentinel come 10 to 19 times a second; the first after the death of its master. */
function* ticksOf(random: Random): Generator<number> {
  for (let at = random.below(100); ; at += Math.floor(1_000 / (10 + random.below(10)))) yield at;
}

/**
 * A C Sentinel whose master died at 0 and that is told of the next one: is it connected to it before it calls
 * it down? In a tick it first connects, then judges; an answer is there by the next tick.
 */
function isConnectedInTime(toldAt: number, downAfterMs: number, random: Random): boolean {
  let attemptAt = Number.NEGATIVE_INFINITY;
  for (const at of ticksOf(random)) {
    const isNew = at > toldAt;
    const connects = at - attemptAt >= 1_000;
    if (connects) attemptAt = at;
    if (isNew && at - toldAt > downAfterMs) return false;
    if (isNew && connects) return true;
  }
  return false;
}

function missesOf(
  tell: (sinceDeathMs: number, downAfterMs: number) => number,
  downAfterMs: number,
) {
  const random = seededRandom(downAfterMs);
  let misses = 0;
  for (let kill = 0; kill < 2_000; kill++) {
    const promotedAt = downAfterMs + 30 + random.below(200);
    const toldAt = tell(promotedAt, downAfterMs);
    assert.ok(toldAt >= promotedAt && toldAt - promotedAt <= 800, `${toldAt - promotedAt}`);
    if (!isConnectedInTime(toldAt, downAfterMs, random)) misses++;
  }
  return misses;
}

describe("the moment to tell C Sentinels of a new master [D-TELL-C]", () => {
  it("is one at which they connect to it before they call it down", () => {
    for (const downAfterMs of [250, 300, 500, 700, 1_000, 1_100, 1_200, 1_500, 2_000, 5_000]) {
      assert.equal(missesOf(tellAfter, downAfterMs), 0, `${downAfterMs}`);
    }
  });

  it("is not always that of the promotion", () => {
    const atOnce = (sinceDeathMs: number) => sinceDeathMs;
    for (const downAfterMs of [300, 1_000]) assert.ok(missesOf(atOnce, downAfterMs) > 100);
  });

  it("is that of the promotion where they are patient", () => {
    for (const sinceDeathMs of [2_040, 2_150, 2_300]) {
      assert.equal(tellAfter(sinceDeathMs, 2_000), sinceDeathMs);
    }
    assert.equal(tellAfter(800, 700), 800);
  });

  it("is that of the promotion when nobody knows a good one", () => {
    for (const [sinceDeathMs, downAfterMs] of [
      [200, 50],
      [1_700, 200],
      [9_000, 1_000],
    ] as const) {
      assert.equal(tellAfter(sinceDeathMs, downAfterMs), sinceDeathMs);
    }
  });
});

const OTHER_ID = "c".repeat(40);
const OWN_PORT = 26_380;
const C_PORT = 26_381;
const REPLICA_PORT = 6_380;

/** A Sentinel of ours that leads the failover of a master that was killed. */
class Leading {
  readonly sentinel: LoneSentinel;
  #isPromoted = false;

  constructor(otherInfo: string) {
    this.sentinel = new LoneSentinel({
      masters: [
        {
          ...PLAIN_MASTER,
          downAfterMs: 1_000,
          replicas: [{ host: "127.0.0.1", port: REPLICA_PORT }],
          sentinels: [
            { host: "127.0.0.1", port: OWN_PORT, runId: PEER_ID },
            { host: "127.0.0.1", port: C_PORT, runId: OTHER_ID },
          ],
        },
      ],
    });
    const answer = (args: readonly string[], port: number) => this.#answer(args, port, otherInfo);
    const { sentinel } = this;
    sentinel.live(3, answer);
    sentinel.deadPorts.add(6_379);
    const { command, pubsub } = sentinel.master.link;
    for (const one of [command, pubsub]) {
      sentinel.step({ type: "linkDown", connection: connectionId(one?.id ?? 0), reason: "reset" });
    }
    for (let step = 0; step < 200 && !this.isSwitched; step++) {
      sentinel.pass(10);
      sentinel.serve(answer);
    }
    sentinel.serve(answer);
  }

  get isSwitched(): boolean {
    return this.sentinel.events.some((one) => one.startsWith("+promoted-slave"));
  }

  #answer(args: readonly string[], port: number, otherInfo: string): Reply {
    if (args[0] === "SLAVEOF") this.#isPromoted = true;
    if (args[1] === "is-master-down-by-addr") {
      return array([integer(1), bulk(args[5] ?? "*"), integer(Number(args[4]))]);
    }
    if (args[0] !== "INFO") return healthyMaster(args);
    if (port === OWN_PORT) return bulk(`multiplexing_api:${OWN_EVENT_LOOP}\r\n`);
    if (port === C_PORT) return bulk(otherInfo);
    return port === REPLICA_PORT && !this.#isPromoted ? bulk(REPLICA_INFO) : healthyMaster(args);
  }

  /** Ports at which a hello arrived that names the new master. */
  get told(): number[] {
    const { effects } = this.sentinel;
    const ports = new Map<number, number>();
    for (const one of effects) if (one.type === "connect") ports.set(one.connection, one.port);
    const wanted = `,mymaster,127.0.0.1,${REPLICA_PORT},`;
    return effects
      .flatMap((one) => (one.type === "send" && one.args[2]?.includes(wanted) ? [one] : []))
      .map(({ connection }) => ports.get(connection) ?? 0)
      .sort();
  }
}

const REPLICA_INFO =
  `run_id:${"2".repeat(40)}\r\nrole:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:6379\r\n` +
  "master_link_status:down\r\nmaster_link_down_since_seconds:1\r\n" +
  "slave_repl_offset:5\r\nslave_priority:100\r\n";

describe("a new master beside a C Sentinel", () => {
  it("is told to ours and to clients at once, to the other and on the channels at the right moment", () => {
    const { sentinel, told } = new Leading("multiplexing_api:epoll\r\n");
    assert.ok(sentinel.saves > 0);
    assert.deepEqual(told, [OWN_PORT]);
    const asked = sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster");
    assert.deepEqual(plain(asked), ["127.0.0.1", String(REPLICA_PORT)]);
  });

  it("is told to all once the moment has come", () => {
    const leading = new Leading("multiplexing_api:epoll\r\n");
    leading.sentinel.pass(400);
    assert.deepEqual(new Set(leading.told), new Set([REPLICA_PORT, OWN_PORT, C_PORT]));
  });
});

describe("a new master among our own", () => {
  it("is told to all at once", () => {
    const { told } = new Leading(`multiplexing_api:${OWN_EVENT_LOOP}\r\n`);
    assert.deepEqual(new Set(told), new Set([REPLICA_PORT, OWN_PORT, C_PORT]));
  });
});
