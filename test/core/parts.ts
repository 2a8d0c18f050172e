import assert from "node:assert/strict";
import type { Master, PeerSentinel, Replica, SentinelState } from "../../src/core/state.ts";
import { healthyMaster, LoneSentinel, OWN_ID, PEER_ID, PLAIN_MASTER } from "./harness.ts";

export const OTHER_ID = "c".repeat(40);

/** What there is to break: a master with two replicas and two Sentinels, all known and connected. */
export interface Parts {
  readonly sentinel: LoneSentinel;
  readonly state: SentinelState;
  readonly master: Master;
  readonly replica: Replica;
  readonly other: Replica;
  readonly peer: PeerSentinel;
}

export function watching(): Parts {
  const port = (one: number) => ({ host: "127.0.0.1", port: one });
  const master = {
    ...PLAIN_MASTER,
    configEpoch: 3n,
    leaderEpoch: 4n,
    replicas: [port(6380), port(6381)],
    sentinels: [
      { ...port(26380), runId: PEER_ID },
      { ...port(26381), runId: OTHER_ID },
    ],
  };
  const sentinel = new LoneSentinel({ masters: [master], currentEpoch: 5n });
  sentinel.live(1, healthyMaster);
  const [replica, other] = sentinel.master.replicas.values();
  const peer = sentinel.master.sentinels.get(PEER_ID);
  assert.ok(replica && other && peer);
  const { state } = sentinel.core;
  return { sentinel, state, master: sentinel.master, replica, other, peer };
}

/** A leader of epoch 5 that has just told its replica to be a master, all of it saved. */
export function promoting(): Parts {
  const parts = watching();
  const { sentinel, master, replica } = parts;
  sentinel.beginAnew(() => {
    master.leader = OWN_ID;
    master.leaderEpoch = 5n;
    master.failover = {
      step: "wait_promotion",
      stepSince: sentinel.now,
      selectingSince: sentinel.now,
      epoch: 5n,
      epochSince: sentinel.now,
      ownVoteEpoch: 5n,
      forced: true,
      settles: false,
      coordinated: null,
      target: null,
      promoted: replica,
      infoRequestedAt: sentinel.now,
      foundAt: null,
      isWaitingForReplica: false,
      failed: new Map(),
      isOldMasterTold: false,
    };
  });
  return parts;
}

/** By the name of what is wrong: how, and the sentence. */
export type Wrong = readonly [name: string, change: (parts: Parts) => void, sentence: RegExp];
