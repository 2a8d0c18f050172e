import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { EPOCH_NEAR_END, MAX_EPOCH, MAX_EPOCH_LEAP } from "../../src/core/defaults.ts";
import type { RunId } from "../../src/core/state.ts";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const OTHER_ID = "c".repeat(40);
const STRANGER = "f".repeat(40);
const FORGED = 2n ** 62n;

function hello(id: string, port: number, epoch: bigint, masterPort = 6379, configEpoch = 0n) {
  return ["127.0.0.1", port, id, epoch, "mymaster", "127.0.0.1", masterPort, configEpoch].join(",");
}

function say(sentinel: LoneSentinel, text: string): void {
  assert.equal(plain(sentinel.ask("PUBLISH", "__sentinel__:hello", text)), 1);
}

function askVote(sentinel: LoneSentinel, epoch: bigint, id = STRANGER): unknown {
  const words = ["is-master-down-by-addr", "127.0.0.1", "6379", `${epoch}`, id];
  return plain(sentinel.ask("SENTINEL", ...words));
}

describe("an epoch that others name [D-EPOCH-BOUND]", () => {
  it("is believed as far ahead as elections could lead, and no further", () => {
    for (const [epoch, believed] of [
      [MAX_EPOCH_LEAP, true],
      [MAX_EPOCH_LEAP + 1n, false],
      [FORGED, false],
      [MAX_EPOCH, false],
    ] as const) {
      const sentinel = new LoneSentinel();
      const vote = believed ? [0, STRANGER, Number(epoch)] : [0, "*", 0];
      assert.deepEqual(askVote(sentinel, epoch), vote, `${epoch}`);
      assert.equal(sentinel.core.state.currentEpoch, believed ? epoch : 0n);
      const other = new LoneSentinel();
      say(other, hello(PEER_ID, 26380, epoch));
      assert.equal(other.core.state.currentEpoch, believed ? epoch : 0n);
      const third = new LoneSentinel();
      say(third, hello(PEER_ID, 26380, 1n, 6399, epoch));
      assert.equal(third.master.address.port, believed ? 6399 : 6379);
    }
  });

  it("is claimed no more under any name once a hello about one of them says less", () => {
    const second = { ...PLAIN_MASTER, name: "second", port: 6390 };
    const sentinel = new LoneSentinel({ masters: [PLAIN_MASTER, second] });
    const aboutSecond = (epoch: bigint) =>
      `127.0.0.1,26380,${PEER_ID},${epoch},second,127.0.0.1,6390,0`;
    const claims = () =>
      [...(sentinel.core.state.peers.get(PEER_ID as RunId) ?? [])].map(
        ({ epochClaim }) => epochClaim?.epoch ?? null,
      );
    say(sentinel, hello(PEER_ID, 26380, FORGED));
    assert.deepEqual(claims(), [FORGED]);
    // A record that is new claims nothing, and its hello clears the other.
    say(sentinel, aboutSecond(0n));
    assert.deepEqual(claims(), [null, null]);
    say(sentinel, aboutSecond(FORGED));
    assert.deepEqual(claims(), [FORGED, FORGED]);
    say(sentinel, hello(PEER_ID, 26380, 0n));
    assert.deepEqual(claims(), [null, null]);
  });

  it("is complained about, but not with every message", () => {
    const sentinel = new LoneSentinel();
    for (let i = 0; i < 100; i++) askVote(sentinel, FORGED);
    const logs = sentinel.effects.filter(
      (one) => one.type === "log" && /not believed/.test(one.text),
    );
    assert.equal(logs.length, 1);
  });

  it("does not keep the rest of a hello from being heard", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, hello(PEER_ID, 26380, FORGED, 6399, 3n));
    assert.equal(sentinel.master.address.port, 6399);
    assert.equal(sentinel.core.state.currentEpoch, 3n);
  });

  it("far ahead, in an answer about a vote, is no vote", () => {
    const sentinels = [{ host: "127.0.0.1", port: 26380, runId: PEER_ID }];
    const masters = [{ ...PLAIN_MASTER, downAfterMs: 1_000, sentinels }];
    const sentinel = new LoneSentinel({ masters });
    const forged: Reply = {
      type: "array",
      items: [{ type: "integer", value: 1 }, bulk(STRANGER), { type: "integer", value: FORGED }],
    };
    sentinel.live(3, (args, port) => {
      if (port === 6379) return null;
      return args[1] === "is-master-down-by-addr" ? forged : healthyMaster(args);
    });
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.masterDown, true);
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.leaderEpoch, 0n);
  });
});

describe("a forged epoch", () => {
  for (const [what, attack] of [
    [
      "a question",
      ["SENTINEL", "is-master-down-by-addr", "10.0.0.1", "6379", `${FORGED}`, STRANGER],
    ],
    [
      "a hello",
      [
        "PUBLISH",
        "__sentinel__:hello",
        `10.66.6.6,1,${STRANGER},${FORGED},mymaster,10.0.0.1,6379,0`,
      ],
    ],
  ] as const) {
    it(`in ${what} does not end failover`, () => {
      const cluster = new SimCluster({ seed: 3 });
      cluster.settle();
      // The stranger of a hello counts as a voter, here as upstream; three of four are enough.
      for (const sentinel of cluster.sentinels) sentinel.ask(...attack);
      cluster.clock.advance(10_000);
      for (const one of cluster.sentinels) assert.equal(one.core.state.currentEpoch, 0n);
      cluster.network.kill(cluster.server(0));
      const master = cluster.awaitNewMaster(cluster.server(0), 30_000);
      assert.equal(master.role, "master");
    });
  }
});

/** What a Sentinel that is asked who it is answers, by its port. */
const IDS: Readonly<Record<number, string>> = { 26380: PEER_ID, 26381: OTHER_ID };

function newcomer(): { sentinel: LoneSentinel; live: (seconds: number, said: string[]) => void } {
  const sentinel = new LoneSentinel();
  const answer = (args: readonly string[], port: number) =>
    args[1] === "MYID" ? bulk(IDS[port] ?? STRANGER) : healthyMaster(args);
  const live = (seconds: number, said: string[]) => {
    for (let i = 0; i < seconds; i++) {
      for (const text of said) say(sentinel, text);
      sentinel.live(1, answer);
    }
  };
  return { sentinel, live };
}

describe("a newcomer", () => {
  const far = 2n ** 50n;
  const both = [
    hello(PEER_ID, 26380, far + 2n, 6399, far),
    hello(OTHER_ID, 26381, far + 1n, 6399, far),
  ];

  it("follows the epoch of most Sentinels that it reaches, and their configuration", () => {
    const { sentinel, live } = newcomer();
    live(10, both);
    assert.equal(sentinel.core.state.currentEpoch, far + 2n);
    assert.equal(sentinel.master.address.port, 6399);
  });

  it("does not follow one of two", () => {
    const { sentinel, live } = newcomer();
    live(20, [hello(PEER_ID, 26380, far), hello(OTHER_ID, 26381, 5n)]);
    assert.equal(sentinel.core.state.currentEpoch, 5n);
  });

  it("does not follow hellos that the same Sentinels contradict", () => {
    const { sentinel, live } = newcomer();
    live(20, [...both, hello(PEER_ID, 26380, 5n), hello(OTHER_ID, 26381, 5n)]);
    assert.equal(sentinel.core.state.currentEpoch, 5n);
  });

  it("does not follow Sentinels that are not who they say", () => {
    const { sentinel, live } = newcomer();
    live(20, [hello("d".repeat(40), 26380, far), hello("e".repeat(40), 26381, far)]);
    assert.equal(sentinel.core.state.currentEpoch, 0n);
  });

  it("follows nobody near the end of all epochs", () => {
    const { sentinel, live } = newcomer();
    live(20, [hello(PEER_ID, 26380, MAX_EPOCH), hello(OTHER_ID, 26381, MAX_EPOCH)]);
    assert.equal(sentinel.core.state.currentEpoch, 0n);
  });
});

describe("a file with an epoch near the end [D-EPOCH-RANGE]", () => {
  const masters = [{ ...PLAIN_MASTER, quorum: 1, downAfterMs: 1_000 }];
  const logs = (sentinel: LoneSentinel) =>
    sentinel.effects.flatMap((one) => (one.type === "log" ? [one.text] : [])).join("\n");

  it("starts, fails over as before, and says how to mend it", () => {
    const sentinel = new LoneSentinel({ masters, currentEpoch: EPOCH_NEAR_END + 5n });
    sentinel.step({ type: "start" });
    assert.match(logs(sentinel), /near its end.*RESET-EPOCH/);
    sentinel.pass(3_000);
    assert.equal(sentinel.core.state.currentEpoch, EPOCH_NEAR_END + 6n);
    assert.deepEqual(askVote(sentinel, EPOCH_NEAR_END + 7n), [1, STRANGER, Number(EPOCH_NEAR_END)]);
  });

  it("at the end stands in no election, and says so where it is asked", () => {
    const sentinel = new LoneSentinel({ masters, currentEpoch: MAX_EPOCH });
    sentinel.pass(3_000);
    assert.equal(sentinel.core.state.currentEpoch, MAX_EPOCH);
    assert.match(logs(sentinel), /No failover of mymaster: .*RESET-EPOCH/);
    for (const command of ["FAILOVER", "CKQUORUM"]) {
      assert.match(`${plain(sentinel.ask("SENTINEL", command, "mymaster"))}`, /RESET-EPOCH/);
    }
  });

  it("is mended by RESET-EPOCH, which keeps what is not near the end", () => {
    const [first = PLAIN_MASTER] = masters;
    const sentinel = new LoneSentinel({
      masters: [{ ...first, configEpoch: MAX_EPOCH, leaderEpoch: MAX_EPOCH }, second()],
      currentEpoch: MAX_EPOCH,
    });
    assert.equal(plain(sentinel.ask("SENTINEL", "RESET-EPOCH")), "OK");
    const { currentEpoch, masters: saved } = sentinel.core.config();
    assert.equal(currentEpoch, 7n);
    assert.deepEqual(
      saved.map(({ configEpoch, leaderEpoch }) => [configEpoch, leaderEpoch]),
      [
        [0n, 7n],
        [6n, 7n],
      ],
    );
    say(sentinel, hello(PEER_ID, 26380, MAX_EPOCH, 6399, MAX_EPOCH));
    assert.equal(sentinel.master.address.port, 6379);
    assert.deepEqual(askVote(sentinel, 8n), [0, STRANGER, 8]);
  });

  it("is the only one that RESET-EPOCH mends", () => {
    const sentinel = new LoneSentinel({ masters, currentEpoch: EPOCH_NEAR_END });
    assert.match(`${plain(sentinel.ask("SENTINEL", "RESET-EPOCH"))}`, /^-ERR .*not near its end/);
  });

  it("of all Sentinels is mended one after the other, and failover works again", () => {
    const cluster = new SimCluster({ seed: 5 });
    for (const { disk } of cluster.sentinels) {
      disk.save({ ...disk.saved, currentEpoch: MAX_EPOCH });
    }
    cluster.settle();
    for (const sentinel of cluster.sentinels) {
      assert.equal(plain(sentinel.ask("SENTINEL", "RESET-EPOCH")), "OK");
      cluster.clock.advance(20_000);
    }
    cluster.network.kill(cluster.server(0));
    cluster.awaitNewMaster(cluster.server(0), 30_000);
    for (const one of cluster.sentinels) assert.ok(masterOf(one).configEpoch < 10n);
  });
});

function second() {
  return { ...PLAIN_MASTER, name: "second", port: 6390, configEpoch: 6n, leaderEpoch: 7n };
}
