import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER } from "./harness.ts";
import { OTHER_ID } from "./parts.ts";

const NAME = "1".repeat(40);
const NEXT_NAME = "2".repeat(40);
const NO_NAME = "0".repeat(40);

function asMaster(runId: string, id: string, parent = NO_NAME): string {
  const data = `master_replid:${id}\r\nmaster_replid2:${parent}\r\nmaster_repl_offset:500\r\n`;
  return `run_id:${runId.repeat(40)}\r\nrole:master\r\n${data}second_repl_offset:${parent === NO_NAME ? -1 : 400}\r\n`;
}

/** Of a server that began with nothing (Redis 7). */
const BEGAN_EMPTY = "rdb_last_load_keys_loaded:0\r\naof_enabled:0\r\n";

/** A follower of a failover in epoch 3, from port 6379 to 6380; the dead one, if it is dead, is dialled in vain. */
class Follower extends LoneSentinel {
  /** What the old master says of itself in INFO. */
  old = asMaster("a", NAME);
  readonly voices = new Set([PEER_ID, OTHER_ID]);
  #spokeAt = 0;

  constructor({ isLost = true } = {}) {
    const peer = (port: number, runId: string) => ({ host: "127.0.0.1", port, runId });
    const sentinels = [peer(26380, PEER_ID), peer(26381, OTHER_ID)];
    const replicas = [{ host: "127.0.0.1", port: 6380 }];
    super({ masters: [{ ...PLAIN_MASTER, configEpoch: 2n, replicas, sentinels }] });
    this.run(2);
    if (isLost) this.#lose();
    this.say(PEER_ID, 6380, 3);
    if (isLost) this.run(8);
  }

  #lose(): void {
    this.deadPorts.add(6379);
    this.core.state.connections.forEach(({ link }, connection) => {
      if ([...link.owners].some((one) => one.address.port === 6379))
        this.step({ type: "linkDown", connection, reason: "killed" });
    });
    this.run(2);
  }

  say(id: string, port: number, epoch: number, current = 3): void {
    const own = id === PEER_ID ? 26380 : 26381;
    const hello = `127.0.0.1,${own},${id},${current},mymaster,127.0.0.1,${port},${epoch}`;
    this.ask("PUBLISH", "__sentinel__:hello", hello);
  }

  /** Seconds, in which the Sentinels that have a voice say hello every two. */
  run(seconds: number): void {
    for (let tenth = 0; tenth < seconds * 10; tenth++) {
      if (this.now - this.#spokeAt >= 2_000 && this.master.address.port === 6380) {
        for (const id of this.voices) this.say(id, 6380, 3);
        this.#spokeAt = this.now;
      }
      this.live(0.1, (args, port) => {
        if (args[0] !== "INFO") return healthyMaster(args);
        const isNew = port === 6380 && this.master.address.port === 6380;
        if (port === 6379) return bulk(this.old);
        return bulk(isNew ? asMaster("b", NEXT_NAME, NAME) : `run_id:${"b".repeat(40)}\r\n`);
      });
    }
  }

  /** It answers again: how long until it is told whom to follow. */
  comeBack(mostMs = 20_000): number {
    this.deadPorts.delete(6379);
    const before = this.orders;
    const since = this.now;
    while (this.orders === before && this.now - since < mostMs) this.run(0.1);
    return this.now - since;
  }

  get orders(): number {
    return this.sent.filter((one) => one === "SLAVEOF 127.0.0.1 6380").length;
  }
}

describe("an old master that returns [D-RETURNING]", () => {
  it("is told at once what it is, and dialled often until then", () => {
    const follower = new Follower();
    const dialled = () =>
      follower.effects.filter((one) => one.type === "connect" && one.port === 6379).length;
    const before = dialled();
    follower.run(1);
    assert.ok(dialled() - before >= 10, `${dialled() - before}`);
    const waited = follower.comeBack();
    assert.ok(waited <= 200, `${waited}`);
    assert.ok(follower.events.some((one) => one.startsWith("+convert-to-slave")));
  });

  it("also when it was started anew, from its file", () => {
    const follower = new Follower();
    follower.old = asMaster("c", "c".repeat(40), NAME);
    assert.ok(follower.comeBack() <= 200);
  });

  it("and when it has nothing of that time, if all Sentinels agree", () => {
    const follower = new Follower();
    follower.old = `${BEGAN_EMPTY}${asMaster("c", "c".repeat(40))}`;
    assert.ok(follower.comeBack() <= 200);
  });

  it("but three seconds later when it has data that may be that of others [D-LINEAGE]", () => {
    for (const loaded of ["", BEGAN_EMPTY.replace("loaded:0", "loaded:5")]) {
      const follower = new Follower();
      follower.old = `${loaded}${asMaster("c", "c".repeat(40))}`;
      const waited = follower.comeBack();
      assert.ok(waited > 3_000 && waited < 3_500, `${waited}`);
    }
  });

  it("but not when one of them is silent, and may have made it a master", () => {
    const follower = new Follower();
    follower.old = asMaster("c", "c".repeat(40));
    follower.voices.delete(OTHER_ID);
    follower.run(6);
    const waited = follower.comeBack();
    assert.ok(waited > 8_000 && waited < 10_000, `${waited}`);
  });

  it("and as soon as the last one that was waited for is heard", () => {
    const follower = new Follower();
    follower.old = `${BEGAN_EMPTY}${asMaster("c", "c".repeat(40))}`;
    follower.voices.delete(OTHER_ID);
    follower.run(6);
    assert.ok(follower.comeBack(400) >= 400);
    follower.say(OTHER_ID, 6380, 3);
    const waited = follower.comeBack();
    assert.ok(waited <= 200, `${waited}`);
  });

  it("but not by a name that it said when somebody may have made it the master anew already", () => {
    const follower = new Follower({ isLost: false });
    follower.voices.delete(OTHER_ID);
    follower.run(7);
    assert.equal(follower.orders, 0);
    follower.run(5);
    assert.equal(follower.orders, 1);
  });

  it("and not when its data has another name: somebody made it a master since", () => {
    const follower = new Follower();
    follower.old = asMaster("a", "d".repeat(40), "e".repeat(40));
    follower.voices.delete(OTHER_ID);
    follower.run(6);
    assert.ok(follower.comeBack() > 8_000);
  });

  it("and not by a minority, whose configuration may be outdated", () => {
    const follower = new Follower();
    follower.voices.clear();
    follower.run(6);
    const waited = follower.comeBack();
    assert.ok(waited > 8_000 && waited < 10_000, `${waited}`);
  });

  it("and not while somebody may lead whom we voted for since", () => {
    const follower = new Follower();
    const question = ["is-master-down-by-addr", "127.0.0.1", "6380", "4", PEER_ID];
    follower.ask("SENTINEL", ...question);
    const waited = follower.comeBack();
    assert.ok(waited > 8_000 && waited < 10_000, `${waited}`);
    const later = new Follower();
    later.ask("SENTINEL", ...question);
    later.run(122);
    assert.ok(later.comeBack() <= 200);
  });

  it("and not while somebody may lead in an epoch that we only heard of", () => {
    const follower = new Follower();
    follower.say(PEER_ID, 6380, 3, 4);
    const waited = follower.comeBack();
    assert.ok(waited > 8_000 && waited < 10_000, `${waited}`);
    const later = new Follower();
    later.say(PEER_ID, 6380, 3, 4);
    later.run(122);
    assert.ok(later.comeBack() <= 200);
  });

  it("also in an epoch that was another name's", () => {
    const follower = new Follower();
    follower.ask("SENTINEL", "MONITOR", "other", "127.0.0.1", "6399", "2");
    follower.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6399", "4", PEER_ID);
    assert.ok(follower.comeBack() <= 200);
  });

  it("and not by hellos of an older configuration", () => {
    const follower = new Follower();
    follower.voices.clear();
    follower.run(6);
    follower.say(PEER_ID, 6379, 2);
    follower.say(OTHER_ID, 6379, 2);
    assert.ok(follower.comeBack() > 8_000);
  });

  it("and not while it loads its data, which takes no orders", () => {
    const follower = new Follower();
    follower.old = `loading:1\r\n${asMaster("c", "c".repeat(40), NAME)}`;
    follower.comeBack(3_000);
    assert.equal(follower.orders, 0);
    follower.old = asMaster("c", "c".repeat(40), NAME);
    assert.ok(follower.comeBack() <= 1_200);
  });

  it("but not the present master, where a name server takes both for one address [D-NAMES]", () => {
    for (const present of [
      asMaster("b", NEXT_NAME, NAME),
      asMaster("e", "e".repeat(40), NEXT_NAME),
    ]) {
      const follower = new Follower();
      follower.old = present;
      follower.comeBack(5_000);
      assert.equal(follower.orders, 0);
    }
  });

  it("is any server once it was a replica in between", () => {
    const follower = new Follower();
    follower.old =
      "role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:6380\r\nmaster_link_status:up\r\n";
    follower.comeBack(2_000);
    assert.deepEqual(follower.master.reigns, []);
    follower.old = asMaster("a", NAME);
    assert.ok(follower.comeBack() > 8_000);
  });
});
