import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import type { ConnectionId, RequestId } from "../../src/core/state.ts";
import { connectionId } from "../support/ids.ts";
import { healthyMaster, LoneSentinel, PLAIN_MASTER } from "./harness.ts";

const DOWN_AFTER_MS = 1_000;

/**
 * A master whose writes can be paused: PUBLISH waits, and all that comes behind it on its connection;
 * other connections are answered.
 */
class PausableMaster {
  readonly sentinel = new LoneSentinel({
    masters: [{ ...PLAIN_MASTER, downAfterMs: DOWN_AFTER_MS }],
  });
  isPaused = false;
  failoverState = "no-failover";
  readonly #open = new Set<ConnectionId>();
  readonly #waiting = new Map<ConnectionId, { request: RequestId; reply: Reply }[]>();
  #served = 0;

  /** One tenth of a second after the other. */
  live(seconds: number): void {
    for (let tenth = 0; tenth < 10 * seconds; tenth++) {
      this.serve();
      this.sentinel.pass(100);
    }
  }

  serve(): void {
    const { effects } = this.sentinel;
    for (; this.#served < effects.length; this.#served++) {
      const effect = effects[this.#served];
      if (effect?.type === "connect") this.#accept(effect.connection);
      if (effect?.type === "disconnect") this.#open.delete(effect.connection);
      if (effect?.type === "send") this.#hear(effect.connection, effect.request, effect.args);
    }
  }

  #accept(connection: ConnectionId): void {
    this.#open.add(connection);
    this.sentinel.step({ type: "linkUp", connection, localIp: "127.0.0.1" });
  }

  #hear(connection: ConnectionId, request: RequestId, args: readonly string[]): void {
    const reply = args[0] === "INFO" ? this.#info() : healthyMaster(args);
    const waiting = this.#waiting.get(connection);
    if (waiting) waiting.push({ request, reply });
    else if (this.isPaused && args[0] === "PUBLISH") {
      this.#waiting.set(connection, [{ request, reply }]);
    } else this.sentinel.step({ type: "reply", connection, request, reply });
  }

  #info(): Reply {
    const state = `master_failover_state:${this.failoverState}\r\n`;
    return bulk(`run_id:${"1".repeat(40)}\r\nrole:master\r\n${state}`);
  }

  resume(): void {
    this.isPaused = false;
    for (const [connection, replies] of [...this.#waiting]) {
      this.#waiting.delete(connection);
      for (const one of replies) this.sentinel.step({ type: "reply", connection, ...one });
    }
  }

  get connections(): number {
    return this.#open.size;
  }

  get hellos(): number {
    return this.sentinel.sent.filter((words) => words.startsWith("PUBLISH")).length;
  }
}

describe("a server that holds our hello back [D-ASIDE]", () => {
  it("is alive as long as it answers PING on another connection", () => {
    const master = new PausableMaster();
    master.live(5);
    assert.equal(master.connections, 2);
    master.isPaused = true;
    master.live(20);
    assert.deepEqual(downs(master), []);
    assert.equal(master.connections, 3);
    assert.ok(master.sentinel.now - (master.sentinel.master.infoAt ?? 0) <= 10_200);
  });

  it("gets no second hello before the first is answered, and then loses the second connection [D-NO-REPEAT]", () => {
    const master = new PausableMaster();
    master.live(5);
    const before = master.hellos;
    master.isPaused = true;
    master.live(10);
    assert.equal(master.hellos, before + 1);
    master.resume();
    assert.equal(master.sentinel.master.link.pending.size, 0);
    master.live(1);
    assert.equal(master.connections, 2);
    master.live(4);
    assert.ok(master.hellos >= before + 2);
    assert.deepEqual(downs(master), []);
  });

  it("is given up on the old connection after 15 s, for it may be dead", () => {
    const master = new PausableMaster();
    master.live(20);
    const before = master.hellos;
    master.isPaused = true;
    master.live(40);
    assert.ok(master.hellos > before + 1 && master.hellos <= before + 4, `${master.hellos}`);
    assert.ok(master.connections <= 3);
    assert.deepEqual(downs(master), []);
  });

  it("whose connections both end is opened anew and waits for nothing of before", () => {
    const master = new PausableMaster();
    master.live(5);
    master.isPaused = true;
    master.live(5);
    const { link } = master.sentinel.master;
    const ids = [link.command, link.aside].map((one) => one?.id ?? connectionId(0));
    assert.ok(ids.every((id) => id > 0));
    for (const connection of ids) {
      master.sentinel.step({ type: "linkDown", connection, reason: "reset" });
    }
    assert.equal(link.pending.size, 0);
    assert.equal(link.aside, null);
    master.isPaused = false;
    master.live(3);
    assert.equal(link.command?.up, true);
    assert.deepEqual(downs(master), []);
  });
});

describe("a server that does not answer at all", () => {
  it("is down after down-after, by the second connection too", () => {
    const master = new PausableMaster();
    master.live(5);
    const since = master.sentinel.now;
    master.sentinel.pass(4 * DOWN_AFTER_MS);
    const [down] = downs(master);
    assert.match(down ?? "", /^\+sdown master/);
    assert.ok((master.sentinel.master.sdownSince ?? 0) <= since + DOWN_AFTER_MS + 200);
  });
});

describe("a server that hands its role over", () => {
  it("gets no hello until it is done, which INFO shows within a second", () => {
    const master = new PausableMaster();
    master.live(3);
    master.failoverState = "waiting-for-sync";
    master.live(10);
    const before = master.hellos;
    master.live(10);
    assert.equal(master.hellos, before);
    master.failoverState = "no-failover";
    master.live(2);
    assert.equal(master.hellos, before + 1);
  });
});

function downs({ sentinel }: PausableMaster): string[] {
  return sentinel.events.filter((one) => one.startsWith("+sdown"));
}
