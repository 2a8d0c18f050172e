import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BrokenInvariant } from "../../src/core/broken-invariant.ts";
import { EPOCH_NEAR_END } from "../../src/core/defaults.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";
import { OTHER_ID, type Parts, promoting, type Wrong, watching } from "./parts.ts";

/** The step after which it must be noticed; one that says something about the master. */
function lookAtIt({ sentinel }: Parts): void {
  sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "0", "*");
  sentinel.pass(1_200);
}

function breaks(parts: Parts, sentence: RegExp, step = lookAtIt): void {
  const isIt = (error: unknown) => error instanceof BrokenInvariant && sentence.test(error.message);
  const { saves } = parts.sentinel;
  const said = parts.sentinel.effects.length;
  assert.throws(() => step(parts), isIt);
  assert.equal(parts.sentinel.saves, saves, "it was saved");
  const events = parts.sentinel.effects.slice(said).filter(({ type }) => type === "event");
  assert.deepEqual(events, []);
}

const OF_EACH_STEP: readonly Wrong[] = [
  [
    "a second vote in one epoch",
    ({ sentinel, state, master }) => {
      sentinel.beginAnew(() => {
        master.leader = PEER_ID;
      });
      Object.assign(master, { leader: OTHER_ID });
      state.unsaved = true;
    },
    /^I1: 'mymaster' has a second vote in epoch 4, for c+ after b+$/,
  ],
  [
    "a vote in an epoch whose vote is forgotten",
    ({ master }) => {
      master.leader = OTHER_ID;
    },
    /^I1: .* second vote in epoch 4, for c+ after one that is forgotten$/,
  ],
  [
    "a vote that is taken back",
    ({ state, master }) => {
      master.leaderEpoch = 2n;
      state.unsaved = true;
    },
    /^I1: the epoch voted in for 'mymaster' fell from 4 to 2$/,
  ],
  [
    "a vote that no save is owed for",
    ({ master }) => {
      master.leader = PEER_ID;
      master.leaderEpoch = 5n;
    },
    /^I2: the vote about 'mymaster' is of epoch 5, the file has 4, and no save is owed$/,
  ],
  [
    "a configuration that no save is owed for",
    ({ master }) => {
      master.configEpoch = 4n;
      master.configUnsaved = true;
    },
    /^I2: 'mymaster' is 127.0.0.1:6379 in config epoch 4, .* in 3, and no save is owed$/,
  ],
  [
    "a configuration that hellos say too early",
    ({ state, master }) => {
      master.configEpoch = 4n;
      state.unsaved = true;
    },
    /^I2: 'mymaster' is .* in config epoch 4, .* in 3, and hellos may say so$/,
  ],
  [
    "an epoch that hellos say too early",
    ({ state }) => {
      state.currentEpoch = 6n;
      state.savedEpoch = 6n;
    },
    /^I2: hellos say epoch 6, and the file has 5$/,
  ],
  [
    "an epoch that falls",
    ({ state }) => {
      state.currentEpoch = 4n;
      state.savedEpoch = 4n;
    },
    /^I3: the epoch fell from 5 to 4$/,
  ],
  [
    "a vote ahead of the epoch",
    ({ state, master }) => {
      master.leaderEpoch = 9n;
      state.unsaved = true;
    },
    /^I3: the vote about 'mymaster' is of epoch 9, ahead of ours, 5$/,
  ],
  [
    "a configuration ahead of the epoch",
    ({ state, master }) => {
      master.configEpoch = 9n;
      master.configUnsaved = true;
      state.unsaved = true;
    },
    /^I3: the config epoch of 'mymaster' is 9, ahead of ours, 5$/,
  ],
  [
    "a config epoch that falls",
    ({ state, master }) => {
      master.configEpoch = 2n;
      master.configUnsaved = true;
      state.unsaved = true;
    },
    /^I4: the config epoch of 'mymaster' fell from 3 to 2$/,
  ],
  [
    "evidence about the address before",
    ({ state, master, peer }) => {
      peer.masterDown = true;
      master.address = { host: "127.0.0.9", ip: "127.0.0.9", port: 6379 };
      master.configUnsaved = true;
      state.unsaved = true;
    },
    /^I13: what b+ said of 127.0.0.1:6379 counts for 'mymaster', now 127.0.0.9:6379$/,
  ],
];

const OF_A_FAILOVER: readonly Wrong[] = [
  [
    "an epoch that is not ours",
    ({ master: { failover } }) => {
      if (failover) Object.assign(failover, { epoch: 8n });
    },
    /^I3: 'mymaster' fails over in epoch 8, ahead of ours, 5$/,
  ],
  [
    "a leader without its own vote",
    ({ sentinel, master }) => {
      sentinel.beginAnew(() => {
        master.leaderEpoch = 4n;
      });
      if (master.failover) Object.assign(master.failover, { forced: false, step: "select_slave" });
    },
    /^I5: 'mymaster' is led in epoch 5, and our vote is of 4$/,
  ],
  [
    "a replica that is unknown",
    ({ master, replica }) => {
      master.replicas.delete(replica.name);
      if (master.failover) master.failover.step = "send_slaveof_noone";
    },
    /^I7: the replica that 'mymaster' promotes is none of its own$/,
  ],
  [
    "a promotion in TILT",
    ({ sentinel, state, master }) => {
      const { failover } = master;
      assert.ok(failover);
      sentinel.beginAnew(() => {
        failover.step = "send_slaveof_noone";
      });
      failover.step = "wait_promotion";
      state.tiltSince = sentinel.now;
    },
    /^I7: 'mymaster' promotes a replica in TILT$/,
  ],
  [
    "a name in another's epoch",
    ({ master }) => {
      if (master.failover) master.failover.step = "reconf_slaves";
    },
    /^I6: 'mymaster' names its replica in config epoch 3, and leads 5$/,
  ],
  [
    "a second name in one epoch",
    ({ sentinel, master }) => {
      sentinel.beginAnew(() => {
        master.configEpoch = 5n;
      });
      if (master.failover) master.failover.step = "reconf_slaves";
    },
    /^I6: 'mymaster' names a second master in config epoch 5$/,
  ],
];

describe("after each step, also in production [D-INVARIANT]", () => {
  for (const [name, change, sentence] of OF_EACH_STEP) {
    it(`is noticed: ${name}`, () => {
      const parts = watching();
      parts.sentinel.isMadeUp = true;
      change(parts);
      breaks(parts, sentence, ({ sentinel }) => sentinel.step({ type: "saving" }));
    });
  }

  for (const [name, change, sentence] of OF_A_FAILOVER) {
    it(`is noticed in a failover: ${name}`, () => {
      const parts = promoting();
      parts.sentinel.isMadeUp = true;
      change(parts);
      breaks(parts, sentence, ({ sentinel }) => sentinel.step({ type: "saving" }));
    });
  }

  it("is noticed with the next thing that concerns the master, before anything is said", () => {
    const parts = watching();
    parts.sentinel.isMadeUp = true;
    parts.master.configEpoch = 2n;
    breaks(parts, /^I4: /);
  });

  it("is noticed: a hello that moves the master in the same config epoch", () => {
    const parts = watching();
    const { sentinel, master } = parts;
    // As if it had compared with `<`: it believes the equal epoch.
    Object.defineProperty(master, "configEpoch", { get: once([2n], 3n), set: () => undefined });
    const hello = `127.0.0.1,26380,${PEER_ID},5,mymaster,127.0.0.1,6381,3`;
    breaks(
      parts,
      /^I8: a hello moves 'mymaster' from .*:6379 to .*:6381, both in config epoch 3$/,
      () => sentinel.ask("PUBLISH", "__sentinel__:hello", hello),
    );
  });

  it("is noticed: an election that nobody won", () => {
    const parts = watching();
    const { sentinel, master } = parts;
    sentinel.isMadeUp = true;
    sentinel.deadPorts.add(6379);
    // Votes are counted for a smaller group than there is.
    const honest = master.sentinels;
    let asked = 0;
    Object.defineProperty(master, "sentinels", {
      get: () => (new Error().stack?.includes("votesNeeded") && ++asked > 0 ? new Map() : honest),
    });
    master.settings = { ...master.settings, quorum: 1 };
    const answer = (args: readonly string[], port: number) =>
      port === 6379 ? null : healthyMaster(args);
    assert.throws(
      () => sentinel.live(20, answer),
      /^BrokenInvariant: I5: 'mymaster' is led in epoch 6 with 1 of 3 votes$/,
    );
    assert.ok(asked > 0);
    assert.ok(!sentinel.events.some((one) => one.startsWith("+elected-leader")));
  });

  it("is noticed: a vote that is told before it is saved", () => {
    const parts = watching();
    const { sentinel, state } = parts;
    Object.defineProperty(state, "unsaved", { get: () => false, set: () => undefined });
    sentinel.isMadeUp = true;
    const ask = () =>
      sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "6", PEER_ID);
    breaks(parts, /^I2: /, ask);
  });

  it("is no matter of RESET-EPOCH, which an operator says near the end of all epochs", () => {
    const end = EPOCH_NEAR_END + 5n;
    const masters = [{ ...PLAIN_MASTER, configEpoch: end, leaderEpoch: end }];
    const sentinel = new LoneSentinel({ masters, currentEpoch: end });
    assert.equal(plain(sentinel.ask("SENTINEL", "RESET-EPOCH")), "OK");
    assert.equal(sentinel.core.state.currentEpoch, 0n);
    sentinel.pass(2_000);
  });

  it("is not survived as an exception is, wherever it is found", () => {
    const parts = watching();
    const { sentinel, master } = parts;
    sentinel.survivesFaults = true;
    Object.defineProperty(master, "downAfterMs", {
      get: () => {
        throw new BrokenInvariant("I9", "found on the way");
      },
    });
    assert.throws(() => sentinel.pass(1_500), /^BrokenInvariant: I9: found on the way$/);
  });

  it("what an exception left half done is noticed in the same step", () => {
    const { sentinel, master } = watching();
    sentinel.survivesFaults = true;
    Object.defineProperty(master, "strangerUntil", {
      get: () => {
        master.configEpoch = 1n;
        throw new Error("a bug in the middle of a vote");
      },
    });
    const ask = () =>
      sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "6", "d".repeat(40));
    assert.throws(ask, /^BrokenInvariant: I4: /);
  });

  it("a bug in the checking itself is told, and ends nothing", () => {
    const { sentinel, master } = watching();
    sentinel.survivesFaults = true;
    Object.defineProperty(master, "configUnsaved", {
      get: () => {
        throw new Error("the checker's own");
      },
    });
    sentinel.core.state.unsaved = true;
    master.leaderEpoch = 5n;
    sentinel.step({ type: "saving" });
    const [fault] = sentinel.effects.filter((one) => one.type === "fault");
    assert.equal(fault?.where, "the invariants");
  });
});

/** Each value once, then the last. */
function once<T>(values: readonly T[], last: T): () => T {
  const left = [...values];
  return () => left.shift() ?? last;
}
