import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, bulk, integer, type Reply, status } from "../../src/base/reply.ts";
import { HELLO_CHANNEL } from "../../src/core/defaults.ts";
import type { Effect } from "../../src/core/effect.ts";
import { readHello } from "../../src/core/hello-message.ts";
import type { ClientId, Input } from "../../src/core/input.ts";
import type { ConnectionId, RequestId } from "../../src/core/state.ts";
import { connectionId } from "../support/ids.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER } from "./harness.ts";

const OTHER_PEER = "c".repeat(40);
const PEER = { host: "127.0.0.8", port: 26380, runId: PEER_ID };

function hello(runId: string, port: number, epoch: number, masterPort = 6379, configEpoch = 0) {
  return `127.0.0.9,${port},${runId},${epoch},mymaster,127.0.0.1,${masterPort},${configEpoch}`;
}

describe("a save", () => {
  it("that takes longer than down-after makes nobody look down", () => {
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, downAfterMs: 1_000 }] });
    sentinel.live(2, healthyMaster);
    sentinel.saveTakesMs = 1_500;
    // An epoch that is only heard is saved at a tick, which sends PINGs as well.
    for (let epoch = 1; epoch <= 20; epoch++) {
      sentinel.ask("PUBLISH", HELLO_CHANNEL, hello(PEER_ID, 26380, epoch));
      sentinel.live(1, healthyMaster);
    }
    assert.ok(sentinel.saves >= 20);
    assert.ok(!sentinel.events.some((one) => one.startsWith("+sdown master")));
  });

  it("in which a connection is lost makes its server look down only if it is silent afterwards", () => {
    for (const answers of [true, false]) {
      const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, downAfterMs: 1_000 }] });
      sentinel.live(2, healthyMaster);
      sentinel.pass(100);
      const { link } = sentinel.master;
      const connection = link.command?.id ?? 0;
      assert.notEqual(link.pingPendingSince, null);
      sentinel.saveTakesMs = 5_000;
      sentinel.ask("PUBLISH", HELLO_CHANNEL, hello(PEER_ID, 26380, 7, 6379, 7));
      sentinel.saveTakesMs = 0;
      sentinel.step({ type: "linkDown", connection: connectionId(connection), reason: "closed" });
      const isDown = () => sentinel.events.some((one) => one.startsWith("+sdown master"));
      sentinel.pass(100);
      assert.equal(isDown(), false);
      sentinel.live(2, (args) => (answers ? healthyMaster(args) : null));
      assert.equal(isDown(), !answers);
    }
  });

  it("that is slow is no standstill, however long it took [D-SLOW-SAVE]", () => {
    for (const saveTakesMs of [1_950, 2_500, 60_000]) {
      const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, downAfterMs: 1_000 }] });
      sentinel.live(2, healthyMaster);
      sentinel.saveTakesMs = saveTakesMs;
      sentinel.ask("PUBLISH", HELLO_CHANNEL, hello(PEER_ID, 26380, 7));
      sentinel.serve(healthyMaster);
      sentinel.live(2, healthyMaster);
      assert.ok(sentinel.saves > 0);
      assert.deepEqual(
        sentinel.events.filter((one) => /^\+(tilt|sdown master)/.test(one)),
        [],
      );
    }
  });

  it("does not hide a standstill before it: TILT comes first, and no promotion leaves", () => {
    for (const stoodStillMs of [0, 5_000]) {
      const { sentinel, select } = selecting();
      const { core } = sentinel;
      const args = ["PUBLISH", HELLO_CHANNEL, hello(OTHER_PEER, 26390, 7)];
      assert.ok(
        core.step({ type: "command", client: 99 as ClientId, args }, sentinel.now).saveConfig,
      );
      const held = core.step(select, sentinel.now).effects;
      sentinel.now += stoodStillMs;
      const found = core.step({ type: "saving" }, sentinel.now).effects;
      const later = core.step({ type: "saved" }, sentinel.now).effects;
      assert.equal(said(held).includes("SLAVEOF NO ONE"), false);
      assert.equal(said(found).includes("+tilt"), stoodStillMs > 0);
      assert.equal(said(later).includes("SLAVEOF NO ONE"), stoodStillMs === 0);
    }
  });

  it("that fails is tried again each second, not at each tick", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(2, healthyMaster);
    sentinel.canSave = false;
    sentinel.ask("PUBLISH", HELLO_CHANNEL, hello(PEER_ID, 26380, 7));
    sentinel.saveAttempts = 0;
    sentinel.live(10, healthyMaster);
    assert.ok(sentinel.saveAttempts <= 11, `${sentinel.saveAttempts}`);
  });
});

/** A forced failover that waits for the INFO of its candidate, and that INFO. */
function selecting(): { sentinel: LoneSentinel; select: Input } {
  const replicas = [{ host: "127.0.0.1", port: 6380 }];
  const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }] });
  const fit =
    `run_id:${"2".repeat(40)}\r\nrole:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:6379\r\n` +
    "master_link_status:up\r\nslave_repl_offset:5\r\nslave_priority:100\r\n";
  const answer = (args: readonly string[], port: number) =>
    args[0] === "INFO" && port === 6380 ? bulk(fit) : healthyMaster(args);
  sentinel.live(3, answer);
  sentinel.ask("SENTINEL", "FAILOVER", "mymaster");
  const asked = sentinel.effects.findLast((one) => one.type === "send" && one.args[0] === "INFO");
  assert.ok(asked?.type === "send");
  const { connection, request } = asked;
  return { sentinel, select: { type: "reply", connection, request, reply: bulk(fit) } };
}

/** Events and commands among the effects, as one text. */
function said(effects: readonly Effect[]): string {
  return effects
    .map((one) => (one.type === "event" ? one.name : one.type === "send" ? one.args.join(" ") : ""))
    .join("\n");
}
const VOTE = ["SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "7", PEER_ID] as const;

function votesIn(events: readonly string[]): string[] {
  return events.filter((one) => one.startsWith("+vote-for-leader"));
}

describe("a Sentinel that cannot save", () => {
  it("does not publish a vote that it does not give, until it is asked again and does", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(2, healthyMaster);
    sentinel.canSave = false;
    assert.deepEqual(sentinel.ask(...VOTE), array([integer(0), bulk("*"), integer(0n)]));
    sentinel.canSave = true;
    sentinel.live(2, healthyMaster);
    assert.deepEqual(votesIn(sentinel.events), []);
    const given = array([integer(0), bulk(PEER_ID), integer(7n)]);
    for (let time = 0; time < 2; time++) assert.deepEqual(sentinel.ask(...VOTE), given);
    assert.deepEqual(votesIn(sentinel.events), [`+vote-for-leader ${PEER_ID} 7`]);
  });

  it("publishes it with the save behind which it answers once more", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(2, healthyMaster);
    sentinel.canSave = false;
    sentinel.ask(...VOTE);
    assert.deepEqual(sentinel.ask(...VOTE), array([integer(0), bulk("*"), integer(0n)]));
    sentinel.canSave = true;
    assert.deepEqual(sentinel.ask(...VOTE), array([integer(0), bulk(PEER_ID), integer(7n)]));
    assert.deepEqual(votesIn(sentinel.events), [`+vote-for-leader ${PEER_ID} 7`]);
  });

  it("never publishes a vote that a newer one has replaced meanwhile", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(2, healthyMaster);
    sentinel.canSave = false;
    sentinel.ask(...VOTE);
    sentinel.canSave = true;
    sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "9", OTHER_PEER);
    sentinel.live(2, healthyMaster);
    assert.deepEqual(votesIn(sentinel.events), [`+vote-for-leader ${OTHER_PEER} 9`]);
  });

  it("says so in CKQUORUM and INFO [D-SAVE-STATUS]", () => {
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, quorum: 1 }] });
    sentinel.live(2, healthyMaster);
    const status = () => /sentinel_save_status:(.*)\r\n$/.exec(sentinel.info)?.[1];
    assert.equal(status(), "ok");
    sentinel.canSave = false;
    sentinel.ask(...VOTE);
    assert.equal(status(), "cannot save: gives no votes");
    const reply = sentinel.ask("SENTINEL", "ckquorum", "mymaster");
    assert.ok(reply?.type === "error");
    assert.match(reply.text, /^NOQUORUM 0 usable Sentinels\. .*cannot save: gives no votes$/);
    sentinel.canSave = true;
    sentinel.live(2, healthyMaster);
    assert.equal(status(), "ok");
    assert.equal(sentinel.ask("SENTINEL", "ckquorum", "mymaster")?.type, "status");
  });
});

describe("hellos", () => {
  it("are read once, unless they are too long to be honest", () => {
    const text = hello(PEER_ID, 26380, 3);
    assert.equal(readHello(text), readHello(text));
    const long = text.replace("mymaster", "m".repeat(600));
    assert.notEqual(readHello(long), null);
    assert.notEqual(readHello(long), readHello(long));
  });
});

/** A port to which no connection comes up. */
const UNREACHABLE = 1;

/** A Sentinel with one peer whose answers the test holds; its master is silent from `dies` on. */
class Asking {
  readonly sentinel = new LoneSentinel({
    masters: [
      {
        ...PLAIN_MASTER,
        downAfterMs: 1_000,
        replicas: [{ host: "127.0.0.1", port: 6380 }],
        sentinels: [PEER],
      },
    ],
  });
  readonly questions: { connection: ConnectionId; request: RequestId }[] = [];
  #isDead = false;
  #served = 0;
  readonly #ports = new Map<number, number>();

  dies(): void {
    this.#isDead = true;
  }

  pass(spanMs: number): void {
    for (let ms = 0; ms < spanMs; ms += 10) {
      this.#serve();
      this.sentinel.pass(10);
    }
  }

  answerAll(reply: Reply): void {
    for (const one of this.questions.splice(0)) {
      this.sentinel.step({ type: "reply", ...one, reply });
    }
  }

  #serve(): void {
    const { effects } = this.sentinel;
    for (; this.#served < effects.length; this.#served++) {
      const effect = effects[this.#served];
      if (effect?.type === "connect") {
        const { connection, port } = effect;
        this.#ports.set(connection, port);
        if (port === UNREACHABLE) continue;
        this.sentinel.step({ type: "linkUp", connection, localIp: "127.0.0.1" });
      } else if (effect?.type === "send") this.#answer(effect);
    }
  }

  #answer({
    connection,
    request,
    args,
  }: {
    connection: ConnectionId;
    request: RequestId;
    args: readonly string[];
  }) {
    const port = this.#ports.get(connection);
    if (args[0] === "SENTINEL") this.questions.push({ connection, request });
    else if (!(this.#isDead && port === 6379)) {
      const reply = args[0] === "PING" ? status("PONG") : this.#other(args, port);
      this.sentinel.step({ type: "reply", connection, request, reply });
    }
  }

  #other(args: readonly string[], port: number | undefined): Reply {
    return port === 6379 ? healthyMaster(args) : bulk("role:slave\r\nslave_priority:100\r\n");
  }
}

describe("answers about the old master", () => {
  it("that come after a switch say nothing of the new one [I13]", () => {
    const asking = new Asking();
    const { sentinel } = asking;
    asking.pass(2_000);
    asking.dies();
    asking.pass(1_500);
    // The opinion is still owed when the vote is asked for as well.
    sentinel.ask("SENTINEL", "FAILOVER", "mymaster");
    sentinel.pass(10);
    assert.ok(asking.questions.length >= 1);
    sentinel.ask("PUBLISH", HELLO_CHANNEL, hello(OTHER_PEER, 26381, 5, 6380, 5));
    assert.equal(sentinel.master.address.port, 6380);
    asking.answerAll(array([integer(1), bulk("*"), integer(0)]));
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.masterDown, false);
  });
});

describe("questions from others", () => {
  it("make us ask again soon, but not without pause", () => {
    const asking = new Asking();
    const { sentinel } = asking;
    asking.pass(2_000);
    asking.dies();
    asking.pass(1_500);
    let asked = 0;
    for (let i = 0; i < 1_000; i++) {
      sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "0", "*");
      asking.pass(10);
      asked += asking.questions.length;
      asking.answerAll(array([integer(0), bulk("*"), integer(0)]));
      for (let more = 0; more < 20; more++) {
        sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "0", "*");
      }
    }
    assert.ok(asked > 500 && asked <= 2_100, `${asked} in 10 s`);
  });
});

describe("the leader that we voted for", () => {
  it("is not replaced while its hellos arrive, although we cannot connect to it", () => {
    const asking = new Asking();
    const { sentinel } = asking;
    sentinel.ask("PUBLISH", HELLO_CHANNEL, hello(OTHER_PEER, UNREACHABLE, 0));
    asking.pass(2_000);
    asking.dies();
    asking.pass(1_200);
    sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "1", OTHER_PEER);
    const stood = () => sentinel.events.some((one) => one.startsWith("+try-failover"));
    for (let second = 0; second < 20; second++) {
      asking.pass(1_000);
      asking.answerAll(array([integer(1), bulk("*"), integer(0)]));
      sentinel.ask("PUBLISH", HELLO_CHANNEL, hello(OTHER_PEER, UNREACHABLE, 1));
      assert.ok(!stood(), `after ${second} s`);
    }
    for (let second = 0; second < 8; second++) {
      asking.pass(1_000);
      asking.answerAll(array([integer(1), bulk("*"), integer(0)]));
    }
    assert.ok(stood());
  });
});
