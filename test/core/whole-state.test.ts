import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BrokenInvariant } from "../../src/core/broken-invariant.ts";
import type { ClientId } from "../../src/core/input.ts";
import { checkFile, checkWholeState } from "../../src/core/whole-state.ts";
import { connectionId, requestId } from "../support/ids.ts";
import { PEER_ID } from "./harness.ts";
import { OTHER_ID, promoting, type Wrong, watching } from "./parts.ts";

const OF_THE_WHOLE: readonly Wrong[] = [
  [
    "an answer that waits for no save",
    ({ state }) => {
      const reply = { type: "nil" } as const;
      state.awaitingSave.push({ client: 1 as ClientId, ifSaved: reply, ifFailed: reply });
    },
    /^I2: 1 answers wait for a save, and none is asked for$/,
  ],
  [
    "a vote that is owed to no file",
    ({ state, master }) => {
      state.untoldVotes.push({ master, candidate: PEER_ID, epoch: 4n, isRefused: false });
    },
    /^I2: 1 votes are untold, and no save is owed$/,
  ],
  [
    "two names of one server that vote apart",
    ({ state, master }) => {
      const name = "second";
      state.masters.set(name, { ...master, name, leader: OTHER_ID });
      state.untoldVotes.push({ master, candidate: PEER_ID, epoch: 4n, isRefused: false });
      state.unsaved = true;
    },
    /^I1: of one server, 'mymaster' votes for b+ and 'second' for c+ in epoch 4$/,
  ],
  [
    "a voter that is counted twice",
    ({ state, master, peer }) => {
      master.sentinels.set("d".repeat(40), peer);
      state.peers.get(PEER_ID)?.add({ ...peer });
    },
    /^I5: d+ is another's record$/,
  ],
  [
    "a voter that is asked on two links",
    ({ state, peer }) => {
      state.peers.get(PEER_ID)?.add({ ...peer, link: { ...peer.link } });
    },
    /^I5: b+ is asked on 2 links$/,
  ],
  [
    "ODOWN without SDOWN",
    ({ master }) => {
      master.odown = true;
    },
    /^I7: 'mymaster' is ODOWN and not SDOWN$/,
  ],
  [
    "a replica at the address of its master",
    ({ master, replica }) => {
      replica.address = master.address;
    },
    /^I9: 'mymaster' knows 127.0.0.1:6379 twice$/,
  ],
  [
    "too many replicas that sync at once",
    ({ sentinel, master, replica, other }) => {
      const failover = promoting().master.failover;
      assert.ok(failover);
      master.failover = { ...failover, step: "reconf_slaves" };
      replica.reconf = "sent";
      replica.reconfSentAt = sentinel.now;
      other.reconf = "inprog";
    },
    /^I12: 2 replicas of 'mymaster' sync at once$/,
  ],
  [
    "a question about another master",
    ({ state, master, peer }) => {
      const elsewhere = { ...peer, master: { ...master } };
      peer.link.pending.set(requestId(-7), {
        kind: "ask",
        owner: elsewhere,
        connection: connectionId(0),
      });
      const at = state.nextId;
      peer.asked = { request: requestId(-7), at, againAfterMs: 0, epoch: null, isVoteTold: false };
    },
    /^I13: the question to b+ about 'mymaster' is another's$/,
  ],
  [
    "an instance that nobody looks at",
    ({ replica }) => {
      replica.dueAt = null;
    },
    /^I14: replica 127.0.0.1:6380 is looked at at null, /,
  ],
  [
    "a connection that nobody knows",
    ({ state }) => {
      state.connections.clear();
    },
    /^I14: connection \d+ is unknown$/,
  ],
  [
    "a down that began never",
    ({ replica }) => {
      replica.sdown = true;
    },
    /^I14: replica 127.0.0.1:6380 is down since never$/,
  ],
];

describe("of the whole state, in tests and simulation", () => {
  it("nothing is wrong with one that watches", () => {
    const { sentinel, state } = watching();
    checkWholeState(state, sentinel.now, true);
    assert.equal(sentinel.master.sentinels.size, 2);
  });

  for (const [name, change, sentence] of OF_THE_WHOLE) {
    it(`is noticed: ${name}`, () => {
      const parts = watching();
      change(parts);
      const { sentinel, state } = parts;
      const isIt = (error: unknown) =>
        error instanceof BrokenInvariant && sentence.test(error.message);
      assert.throws(() => checkWholeState(state, sentinel.now, false), isIt);
    });
  }

  it("nothing is wrong with replicas that were told before an operator allowed fewer at once", () => {
    const { sentinel, state, master, replica, other } = watching();
    const failover = promoting().master.failover;
    assert.ok(failover);
    master.failover = { ...failover, step: "reconf_slaves" };
    master.isWatchedClosely = true;
    for (const one of [replica, other]) Object.assign(one, { reconf: "sent", reconfSentAt: 0 });
    checkWholeState(state, sentinel.now, false);
  });

  it("is noticed: a deadline that a tick has left behind", () => {
    const { sentinel, state } = watching();
    assert.throws(() => checkWholeState(state, sentinel.now + 900, true), /I14: after the tick/);
  });

  it("is noticed: a master that the file would list as its own replica", () => {
    const config = watching().sentinel.core.config();
    const [master] = config.masters;
    assert.ok(master);
    const replicas = [...master.replicas, { host: master.host, port: master.port }];
    checkFile(config);
    assert.throws(() => checkFile({ ...config, masters: [{ ...master, replicas }] }), {
      message: "I9: the file would list 127.0.0.1:6379 as a replica of 'mymaster'",
    });
  });
});
