import assert from "node:assert/strict";
import { test } from "node:test";
import { explainEvent } from "../../src/explain/event.ts";
import { WORDS } from "../../src/explain/words.ts";
import { filesOf, read } from "../support/repository.ts";

const MASTER = "master m 10.0.0.1 6379";
const REPLICA = "slave 10.0.0.2:6379 10.0.0.2 6379 @ m 10.0.0.1 6379";
const ID = "0123456789abcdef0123456789abcdef01234567";
const PEER = `sentinel ${ID} 10.0.0.9 26379 @ m 10.0.0.1 6379`;

/** What only others send: older releases, by Redis' documentation. */
const OF_OTHERS = ["+failover-detected", "-dup-sentinel"];

/** One of each event, and what an operator reads. */
const SENTENCES: readonly (readonly [event: string, payload: string, sentence: string])[] = [
  [
    "+monitor",
    `${MASTER} quorum 2`,
    "this Sentinel watches master m at 10.0.0.1:6379, with a quorum of 2",
  ],
  ["-monitor", MASTER, "this Sentinel no longer watches m"],
  ["+set", `${MASTER} down-after-milliseconds 5000`, "down-after-milliseconds of m is set to 5000"],
  ["+set", `${MASTER} rename-command CONFIG x`, "rename-command of m is set to CONFIG x"],
  [
    "+reset-master",
    MASTER,
    "m is reset: this Sentinel forgets its replicas and Sentinels, and looks for them anew",
  ],
  ["+slave", REPLICA, "replica 10.0.0.2:6379 of m is known from now on"],
  ["+sentinel", PEER, "Sentinel 10.0.0.9:26379 watches m, too"],
  [
    "-slave",
    `${REPLICA} #forgotten on request`,
    "this Sentinel forgets replica 10.0.0.2:6379 of m",
  ],
  ["-sentinel", `${PEER} #forgotten on request`, "this Sentinel forgets Sentinel 10.0.0.9:26379"],
  [
    "+pause",
    `${MASTER} #600 s: new kernel`,
    "this Sentinel does not fail over m for 600 s: new kernel",
  ],
  [
    "+pause",
    `${MASTER} #600 s for replica 10.0.0.2:6379`,
    "this Sentinel neither promotes replica 10.0.0.2:6379 of m, nor tells it whom to follow, for 600 s",
  ],
  ["-pause", `${MASTER} #its time is over`, "the pause of m ended: its time is over"],
  ["+reboot", MASTER, "master m at 10.0.0.1:6379 has been started anew"],
  [
    "+role-change",
    `${REPLICA} new reported role is slave`,
    "replica 10.0.0.2:6379 of m says that it is a replica now, which is what this Sentinel knows it as",
  ],
  [
    "-role-change",
    `${REPLICA} new reported role is master`,
    "replica 10.0.0.2:6379 of m says that it is a master now, which is not what this Sentinel knows it as",
  ],
  [
    "+sentinel-address-switch",
    `${MASTER} ip 10.0.0.7 port 26380 for ${ID}`,
    "Sentinel 01234567 is at 10.0.0.7:26380 from now on",
  ],
  [
    "+sentinel-address-update",
    `${PEER} 2 additional matching instances`,
    "Sentinel 10.0.0.9:26379 has moved; its address is changed for 2 other masters",
  ],
  [
    "+sentinel-invalid-addr",
    PEER,
    "another Sentinel has the address of Sentinel 10.0.0.9:26379 now",
  ],
  [
    "-dup-sentinel",
    `${MASTER} #duplicate of 10.0.0.9:26379 or ${ID}`,
    `Sentinels of m at 10.0.0.9:26379, or with the id ${ID}, were removed as duplicates`,
  ],
  [
    "+sdown",
    REPLICA,
    "replica 10.0.0.2:6379 of m is down for this Sentinel: it gave no valid answer for too long",
  ],
  ["-sdown", PEER, "Sentinel 10.0.0.9:26379 is up again for this Sentinel"],
  [
    "+odown",
    `${MASTER} #quorum 3/2`,
    "master m at 10.0.0.1:6379 is down for enough Sentinels: 3, needed 2",
  ],
  ["-odown", MASTER, "master m at 10.0.0.1:6379 is no longer down for enough Sentinels"],
  [
    "+guard-lag",
    `${REPLICA} #it lacks 9 bytes of what m had`,
    "replica 10.0.0.2:6379 of m is promoted, for no other lacks less: it lacks 9 bytes of what m had",
  ],
  [
    "+shutdown-announced",
    `${MASTER} #within 9800 ms`,
    "master m at 10.0.0.1:6379 shuts down within 9800 ms, and waits until then for its replicas to have all",
  ],
  [
    "+guard-reborn",
    `${MASTER} #empty, 10.0.0.2:6379 holds 41210 keys`,
    "master m at 10.0.0.1:6379 came back with less data than a replica holds: empty, 10.0.0.2:6379 holds 41210 keys",
  ],
  [
    "+guard-lineage",
    `${REPLICA} #foreign replid=8f3a serves 10.9.0.4:6379`,
    "replica 10.0.0.2:6379 of m seems to hold the data of another group: foreign replid=8f3a serves 10.9.0.4:6379",
  ],
  ["+new-epoch", "7", "epoch 7 begins"],
  ["+vote-for-leader", `${ID} 7`, "this Sentinel votes for Sentinel 01234567 in epoch 7"],
  ["+try-failover", MASTER, "this Sentinel stands for election to fail over m"],
  ["+failover-detected", MASTER, "somebody else fails over m"],
  ["+elected-leader", MASTER, "a majority elected this Sentinel to fail over m"],
  ["+failover-state-select-slave", MASTER, "this Sentinel looks for the best replica of m"],
  ["+selected-slave", REPLICA, "replica 10.0.0.2:6379 of m is to be the new master"],
  [
    "+failover-state-send-slaveof-noone",
    REPLICA,
    "this Sentinel tells replica 10.0.0.2:6379 of m to become a master",
  ],
  [
    "+failover-state-wait-promotion",
    REPLICA,
    "this Sentinel waits until replica 10.0.0.2:6379 of m says that it is a master",
  ],
  ["+promoted-slave", REPLICA, "replica 10.0.0.2:6379 of m is a master now"],
  [
    "+failover-state-reconf-slaves",
    MASTER,
    "this Sentinel tells the other replicas of m to follow the new master",
  ],
  ["+slave-reconf-sent", REPLICA, "replica 10.0.0.2:6379 of m is told to follow the new master"],
  ["+slave-reconf-inprog", REPLICA, "replica 10.0.0.2:6379 of m connects to the new master"],
  ["+slave-reconf-done", REPLICA, "replica 10.0.0.2:6379 of m follows the new master"],
  [
    "+slave-reconf-sent-be",
    REPLICA,
    "replica 10.0.0.2:6379 of m is told to follow the new master, and the failover ends without waiting for it",
  ],
  [
    "-slave-reconf-sent-timeout",
    REPLICA,
    "replica 10.0.0.2:6379 of m was told to follow the new master, and does not show it: the others are told now",
  ],
  [
    "+failover-end-for-timeout",
    MASTER,
    "the failover of m ends, although not every replica follows the new master yet",
  ],
  ["+failover-end", MASTER, "the failover of m is done"],
  [
    "-failover-abort-not-elected",
    MASTER,
    "this Sentinel was not elected to fail over m, and gives up this attempt",
  ],
  [
    "-failover-abort-no-good-slave",
    MASTER,
    "the failover of m is given up: no replica can be promoted, or the master is back",
  ],
  [
    "-failover-abort-slave-timeout",
    MASTER,
    "the failover of m is given up: the replica did not become a master in time",
  ],
  [
    "-failover-abort-master-timeout",
    MASTER,
    "the planned switch of m is given up: the master did not hand over in time",
  ],
  [
    "+switch-master",
    "m 10.0.0.1 6379 10.0.0.2 6379",
    "the master of m is 10.0.0.2:6379, and no longer 10.0.0.1:6379",
  ],
  ["+config-update-from", PEER, "Sentinel 10.0.0.9:26379 says that m has a new master"],
  [
    "+convert-to-slave",
    REPLICA,
    "replica 10.0.0.2:6379 of m came back as a master: this Sentinel makes it a replica",
  ],
  [
    "+fix-slave-config",
    REPLICA,
    "replica 10.0.0.2:6379 of m follows another server: this Sentinel tells it whom to follow",
  ],
  [
    "+try-settle",
    MASTER,
    "the Sentinels name two masters of m: this one stands for election to settle it",
  ],
  [
    "+config-settled",
    `${MASTER} 8`,
    "master m at 10.0.0.1:6379 is the one that counts, in config epoch 8",
  ],
  [
    "+reset-epoch",
    `${MASTER} 4611686018427387904`,
    "the epochs of m are taken back, to 4611686018427387904",
  ],
  [
    "+tilt",
    "#tilt mode entered",
    "this Sentinel stood still or its clock jumped: for a while it watches and does nothing",
  ],
  ["-tilt", "#tilt mode exited", "this Sentinel acts again"],
  ["+script-child", "4711", "a script has been started, as process 4711"],
  ["-script-child", "4711 1 0", "the script of process 4711 ended with status 1"],
  [
    "-script-error",
    "/var/notify me.sh 0 2",
    "the script /var/notify me.sh failed: it ended with status 2",
  ],
  ["-script-error", "/var/notify.sh 9 0", "the script /var/notify.sh failed: it ended by signal 9"],
  [
    "-script-timeout",
    "/var/notify.sh 4711",
    "the script /var/notify.sh takes too long and is killed, process 4711",
  ],
  [
    "+tls-error",
    "listener #the old files stay in use: TLS: key values mismatch",
    "the TLS files of the listener cannot be used as they are now: the old files stay in use: TLS: key values mismatch",
  ],
  [
    "-tls-error",
    "links",
    "the TLS files of the connections to servers and Sentinels can be used again",
  ],
  [
    "-cmd-link-reconnection",
    `${REPLICA} #Connection refused`,
    "the connection to replica 10.0.0.2:6379 of m was lost: Connection refused",
  ],
  [
    "-pubsub-link-reconnection",
    `${MASTER} #Server closed the connection`,
    "the connection on which master m at 10.0.0.1:6379 passes hellos on was lost: Server closed the connection",
  ],
];

for (const [name, payload, sentence] of SENTENCES) {
  test(`${name}: ${sentence}`, () => assert.equal(explainEvent(name, payload), sentence));
}

test("every event that this program sends has words, and no words are for an event that nobody sends", () => {
  const files = [...filesOf(["src/core"], ".ts"), "src/runtime/sentinel-process.ts"];
  const texts = files.map(read).join("\n");
  const sent = [...texts.matchAll(/"([+-][a-z]+(?:-[a-z]+)*)"/g)].map(([, name = ""]) => name);
  assert.deepEqual([...WORDS.keys()].sort(), [...new Set([...sent, ...OF_OTHERS])].sort());
  assert.deepEqual([...WORDS.keys()].sort(), [...new Set(SENTENCES.map(([name]) => name))].sort());
});

test("an event that nobody knows, and a payload that is not one of it, have no words", () => {
  assert.equal(explainEvent("+nosuch", MASTER), null);
  assert.equal(explainEvent("toString", MASTER), null);
  for (const payload of ["", "master m", "replica m 10.0.0.1 6379", "slave a 10.0.0.1 6379"]) {
    assert.equal(explainEvent("+sdown", payload), null, payload);
  }
});

test("names with blanks, hosts without address and IPv6 addresses are told apart", () => {
  const sdown = (payload: string) => explainEvent("+sdown", payload)?.split(" is down")[0];
  assert.equal(sdown("master my own 10.0.0.1 6379"), "master my own at 10.0.0.1:6379");
  assert.equal(sdown("slave ::1:6379 ::1 6379 @ my own ::2 6379"), "replica ::1:6379 of my own");
  assert.equal(sdown("master m  6379"), "master m at :6379");
});

test("the reader's own names take the place of addresses and ids", () => {
  const names = {
    server: (host: string, port: string) => (host === "10.0.0.2" ? `redis-${port}` : null),
    sentinel: (runId: string) => (runId === ID ? "S2" : null),
  };
  assert.equal(explainEvent("+promoted-slave", REPLICA, names), "redis-6379 is a master now");
  assert.equal(explainEvent("+sentinel", PEER, names), "S2 watches m, too");
  assert.equal(
    explainEvent("+vote-for-leader", `${ID} 7`, names),
    "this Sentinel votes for S2 in epoch 7",
  );
  assert.equal(
    explainEvent("+switch-master", "m 10.0.0.1 6379 10.0.0.2 6379", names),
    "the master of m is redis-6379, and no longer 10.0.0.1:6379",
  );
});
