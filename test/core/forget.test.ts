import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { healthyMaster, type LoneSentinel, PEER_ID, plain } from "./harness.ts";
import { OTHER_ID, promoting, watching } from "./parts.ts";

const HELLO = `127.0.0.1,26380,${PEER_ID},5,mymaster,127.0.0.1,6379,3`;

/** Port 6380 and the peer at 26380 are gone for longer than down-after. */
function bereaved() {
  const parts = watching();
  parts.sentinel.deadPorts.add(6380).add(26380);
  for (const [connection, { link }] of [...parts.state.connections]) {
    if (!parts.sentinel.deadPorts.has([...link.owners][0]?.address.port ?? 0)) continue;
    parts.sentinel.step({ type: "linkDown", connection, reason: "killed" });
  }
  parts.sentinel.live(6, naming6380);
  return parts;
}

/** The master names its dead replica until its own timeout. */
function naming6380(args: readonly string[], port: number): Reply {
  if (args[0] !== "INFO" || port !== 6379) return healthyMaster(args);
  const lines = "slave0:ip=127.0.0.1,port=6380,state=online,offset=1,lag=9\r\n";
  return bulk(`run_id:${"1".repeat(40)}\r\nrole:master\r\n${lines}`);
}

function forget(sentinel: LoneSentinel, ...words: string[]): unknown {
  return plain(sentinel.ask("SENTINEL", "FORGET", "mymaster", ...words));
}

describe("SENTINEL FORGET [D-FORGET]", () => {
  it("takes a dead replica off the list and the file, once that is saved", () => {
    const { sentinel, master } = bereaved();
    const { saves } = sentinel;
    assert.equal(forget(sentinel, "REPLICA", "127.0.0.1", "6380"), "OK");
    assert.equal(sentinel.saves, saves + 1);
    assert.deepEqual([...master.replicas.keys()], ["127.0.0.1:6381"]);
    const [saved] = sentinel.core.config().masters;
    assert.deepEqual(saved?.replicas, [{ host: "127.0.0.1", port: 6381 }]);
    assert.match(sentinel.events.join("\n"), /^-slave slave 127\.0\.0\.1:6380 .* #forgotten/m);
  });

  it("says no if the file cannot be written", () => {
    const { sentinel } = bereaved();
    sentinel.canSave = false;
    assert.match(`${forget(sentinel, "REPLICA", "127.0.0.1", "6380")}`, /^-ERR Failed to save/);
  });

  it("keeps it off for a minute, though the master still names it, and no longer", () => {
    const { sentinel, master } = bereaved();
    forget(sentinel, "replica", "127.0.0.1", "6380");
    sentinel.live(55, naming6380);
    assert.ok(!master.replicas.has("127.0.0.1:6380"));
    sentinel.live(20, naming6380);
    assert.ok(master.replicas.has("127.0.0.1:6380"));
  });

  it("takes a dead Sentinel off, and tells what the majority is now", () => {
    const { sentinel, master } = bereaved();
    assert.equal(forget(sentinel, "SENTINEL", PEER_ID), "OK The majority is 2 of 2 Sentinels now");
    assert.deepEqual([...master.sentinels.keys()], [OTHER_ID]);
    assert.equal(sentinel.core.config().masters[0]?.sentinels.length, 1);
    assert.match(sentinel.events.join("\n"), new RegExp(`^-sentinel sentinel ${PEER_ID}`, "m"));
  });

  it("does not take it up again by a late hello, but by those of one that lives on", () => {
    const { sentinel, master } = bereaved();
    forget(sentinel, "SENTINEL", PEER_ID);
    sentinel.ask("PUBLISH", "__sentinel__:hello", HELLO);
    assert.ok(!master.sentinels.has(PEER_ID));
    sentinel.live(61, healthyMaster);
    sentinel.ask("PUBLISH", "__sentinel__:hello", HELLO);
    assert.ok(master.sentinels.has(PEER_ID));
  });

  it("asks for FORCE for whoever lives", () => {
    const { sentinel, master } = bereaved();
    for (const words of [
      ["REPLICA", "127.0.0.1", "6381"],
      ["SENTINEL", OTHER_ID],
    ]) {
      assert.match(
        `${forget(sentinel, ...words)}`,
        /^-ALIVE it answered \d+\.\d s ago, use FORCE$/,
      );
      assert.match(`${forget(sentinel, ...words, "force")}`, /^OK/);
    }
    assert.deepEqual([...master.sentinels.keys()], [PEER_ID]);
  });

  it("waits for the end of a failover", () => {
    const { sentinel } = promoting();
    sentinel.isMadeUp = true;
    assert.match(`${forget(sentinel, "SENTINEL", OTHER_ID, "FORCE")}`, /^-INPROG /);
  });

  it("refuses what it does not know, and changes nothing", () => {
    const { sentinel, master } = bereaved();
    const { saves } = sentinel;
    for (const [words, refusal] of [
      [["REPLICA", "127.0.0.1", "7000"], /^-NOSUCH /],
      [["REPLICA", "no.such.host", "6380"], /^-NOSUCH /],
      [["SENTINEL", "e".repeat(40)], /^-NOSUCH /],
      [["REPLICA", "127.0.0.1"], /^-ERR Only SENTINEL FORGET/],
      [["REPLICA", "127.0.0.1", "x"], /^-ERR Only SENTINEL FORGET/],
      [["SENTINEL", PEER_ID, "NOW"], /^-ERR Only SENTINEL FORGET/],
      [["MASTER", "127.0.0.1"], /^-ERR Only SENTINEL FORGET/],
    ] as const) {
      assert.match(`${forget(sentinel, ...words)}`, refusal);
    }
    assert.match(
      `${plain(sentinel.ask("SENTINEL", "FORGET", "other", "SENTINEL", PEER_ID))}`,
      /No such/,
    );
    assert.equal(sentinel.saves, saves);
    assert.equal(master.replicas.size + master.sentinels.size, 4);
  });
});
