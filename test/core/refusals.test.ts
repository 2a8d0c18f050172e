import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { error, type Reply } from "../../src/base/reply.ts";
import { SimCluster } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";

const NOPERM = error("NOPERM this user has no permissions to run the 'slaveof' command");

interface Scene {
  readonly cluster: SimCluster;
  readonly master: SimRedis;
  /** The one that upstream would choose again and again. */
  readonly preferred: SimRedis;
  readonly other: SimRedis;
}

function scene(options: ConstructorParameters<typeof SimCluster>[0] = {}): Scene {
  const cluster = new SimCluster({
    seed: 11,
    downAfterMs: 5_000,
    failoverTimeoutMs: 180_000,
    ...options,
  });
  cluster.settle();
  const [master, preferred, other] = [...cluster.servers.values()] as [
    SimRedis,
    SimRedis,
    SimRedis,
  ];
  preferred.priority = 10;
  cluster.clock.advance(15_000);
  return { cluster, master, preferred, other };
}

function killAndAwait(
  { cluster, master }: Scene,
  limitMs: number,
): { to: SimRedis; tookMs: number } {
  cluster.network.kill(master);
  const killedAt = cluster.clock.now;
  const found = () =>
    [...cluster.servers.values()].find(
      (one) => one !== master && one.isRunning && one.role === "master",
    );
  assert.ok(
    cluster.clock.advanceUntil(() => found() !== undefined, limitMs),
    cluster.timeline(),
  );
  return { to: found() as SimRedis, tookMs: cluster.clock.now - killedAt };
}

function told(cluster: SimCluster, wanted: string): number {
  return cluster.sentinels.flatMap(({ events }) => events.filter(({ name }) => name === wanted))
    .length;
}

function logged(cluster: SimCluster, part: string): number {
  return cluster.sentinels.flatMap(({ logs }) => logs.filter((line) => line.includes(part))).length;
}

describe("a candidate that refuses its promotion [D-CHOOSE-AGAIN]", () => {
  const refusals: Readonly<Record<string, Reply>> = {
    NOPERM,
    LOADING: error("LOADING Redis is loading the dataset in memory"),
    BUSY: error("BUSY Redis is busy running a script."),
    READONLY: error("READONLY You can't write against a read only replica."),
    "unknown command": error("ERR unknown command 'SLAVEOF'"),
  };
  for (const [code, refusal] of Object.entries(refusals)) {
    it(`${code}: the next one is chosen at once, in the same epoch`, () => {
      const one = scene();
      one.preferred.refuse = ([name]) => (name === "SLAVEOF" ? refusal : null);
      const { to, tookMs } = killAndAwait(one, 30_000);
      assert.equal(to, one.other);
      assert.ok(tookMs < 5_100, `${tookMs} ms`);
      assert.equal(told(one.cluster, "+try-failover"), 1);
      assert.equal(told(one.cluster, "+selected-slave"), 2);
      assert.equal(
        logged(
          one.cluster,
          `refused to change its role: ${refusal.type === "error" && refusal.text}`,
        ),
        1,
      );
    });
  }

  it("is asked again each second when nobody else is left", () => {
    const one = scene({ replicas: 1, failoverTimeoutMs: 180_000 });
    const until = one.cluster.clock.now + 25_000;
    let asked = 0;
    one.preferred.refuse = ([name]) => {
      if (name !== "SLAVEOF" || one.cluster.clock.now >= until) return null;
      asked++;
      return NOPERM;
    };
    const { tookMs } = killAndAwait(one, 60_000);
    assert.ok(tookMs < 26_500, `${tookMs} ms`);
    assert.ok(asked > 10 && asked < 22, `${asked}`);
  });

  it("is the master all the same if it is one by now [D-PROMOTED]", () => {
    const one = scene();
    const refuse = ([name]: readonly string[]) => (name === "SLAVEOF" ? NOPERM : null);
    one.preferred.refuse = refuse;
    one.other.refuse = refuse;
    one.cluster.network.kill(one.master);
    const isChoosing = () => told(one.cluster, "+selected-slave") >= 2;
    assert.ok(one.cluster.clock.advanceUntil(isChoosing, 10_000), one.cluster.timeline());
    // By another leader, or by hand.
    one.preferred.follow(null);
    const isTaken = () => told(one.cluster, "+promoted-slave") > 0;
    assert.ok(one.cluster.clock.advanceUntil(isTaken, 2_500), one.cluster.timeline());
  });

  it("that loads its data is waited for, not a failover timeout", () => {
    const one = scene({ replicas: 1 });
    one.cluster.network.kill(one.master);
    one.preferred.loadingUntil = one.cluster.clock.now + 20_000;
    const isPromoted = () => one.preferred.role === "master";
    assert.ok(one.cluster.clock.advanceUntil(isPromoted, 60_000), one.cluster.timeline());
    const afterMs = one.cluster.clock.now - (one.preferred.loadingUntil ?? 0);
    assert.ok(afterMs < 2_500, `${afterMs} ms after it had loaded`);
  });

  it("that loads its data is passed over for one that is ready", () => {
    const one = scene();
    one.preferred.loadingUntil = one.cluster.clock.now + 20_000;
    assert.equal(killAndAwait(one, 20_000).to, one.other);
    assert.equal(told(one.cluster, "+selected-slave"), 1);
  });
});

describe("a server that refuses what goes along with SLAVEOF [D-PARTLY-REFUSED]", () => {
  for (const barred of ["CLIENT", "CONFIG"]) {
    it(`${barred}: SLAVEOF goes alone, to the preferred one`, () => {
      const one = scene();
      for (const server of one.cluster.servers.values()) {
        server.refuse = ([name, sub]) =>
          name === barred && sub !== "SETNAME" ? error(`ERR unknown command '${barred}'`) : null;
      }
      const { to, tookMs } = killAndAwait(one, 30_000);
      assert.equal(to, one.preferred);
      assert.ok(tookMs < 5_100, `${tookMs} ms`);
      one.cluster.clock.advance(5_000);
      assert.equal(one.other.master, to);
    });
  }

  it("MULTI: it does one after the other, and that counts", () => {
    const one = scene();
    one.preferred.refuse = ([name]) =>
      name === "MULTI" || name === "EXEC" ? error(`ERR unknown command '${name}'`) : null;
    assert.equal(killAndAwait(one, 30_000).to, one.preferred);
    assert.equal(logged(one.cluster, "refused to change its role"), 0);
  });

  it("CONFIG REWRITE that fails is a warning that says what will happen", () => {
    const one = scene();
    one.preferred.fail = ([name]) =>
      name === "CONFIG" ? error("ERR The server is running without a config file") : null;
    assert.equal(killAndAwait(one, 30_000).to, one.preferred);
    one.cluster.clock.advance(1_000);
    assert.equal(logged(one.cluster, "it will have its old role after a restart"), 1);
  });
});

describe("a candidate that is lost in its promotion", () => {
  it("crashing each time: it is chosen once, then the other", () => {
    const one = scene();
    let crashes = 0;
    one.preferred.refuse = ([name]) => {
      if (name !== "EXEC") return null;
      crashes++;
      one.cluster.network.kill(one.preferred);
      one.cluster.clock.after(400, () => one.preferred.restart());
      return NOPERM;
    };
    const { to, tookMs } = killAndAwait(one, 60_000);
    assert.equal(to, one.other);
    assert.equal(crashes, 1);
    assert.ok(tookMs < 5_500, `${tookMs} ms`);
  });

  it("whose connection is lost, but which heard the order, is taken as it is back", () => {
    const one = scene();
    let isCut = false;
    one.preferred.onPromoted = () => {
      if (isCut) return;
      isCut = true;
      one.cluster.network.closeAllByHost(one.preferred, () => true, "connection reset");
    };
    assert.equal(killAndAwait(one, 30_000).to, one.preferred);
    one.cluster.clock.advance(5_000);
    assert.equal(one.other.master, one.preferred);
    assert.equal(told(one.cluster, "+selected-slave"), 1);
  });
});

describe("SENTINEL FAILOVER whose replica is lost in its promotion", () => {
  /** It hears the order, but its connections are lost, and it says nothing for some seconds. */
  function silence({ cluster, preferred }: Scene, spanMs: number): void {
    preferred.onPromoted = () => {
      preferred.onPromoted = () => undefined;
      cluster.network.closeAllByHost(preferred, () => true, "connection reset");
      preferred.isStopped = true;
      cluster.clock.after(spanMs, () => {
        preferred.isStopped = false;
      });
    };
  }

  for (const isMasterDown of [false, true]) {
    it(`takes it when it is back, the master ${isMasterDown ? "down" : "up"}`, () => {
      const one = scene({ replicas: 1, sentinels: 1, quorum: 2 });
      if (isMasterDown) {
        one.cluster.network.kill(one.master);
        one.cluster.clock.advance(7_000);
      }
      silence(one, 1_500);
      one.cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster");
      const isOver = () => told(one.cluster, "+switch-master") === 1;
      assert.ok(one.cluster.clock.advanceUntil(isOver, 4_000), one.cluster.timeline());
      assert.equal(told(one.cluster, "-failover-abort-no-good-slave"), 0);
      assert.ok(one.cluster.agreesOn(one.preferred));
    });
  }

  it("goes on with it while votes are awaited, if it was seen as a master [D-CHOOSE-AGAIN]", () => {
    const one = scene();
    const { cluster, preferred } = one;
    const [leader, ...others] = cluster.sentinels;
    // They do not answer, and are not down yet: the epoch is claimed half a second after the promotion.
    for (const other of others) other.isStopped = true;
    preferred.onPromoted = () => {
      preferred.onPromoted = () => undefined;
      cluster.network.closeAllByHost(preferred, () => true, "connection reset");
    };
    leader?.ask("SENTINEL", "FAILOVER", "mymaster");
    cluster.clock.advance(900);
    assert.equal(told(cluster, "+promoted-slave"), 1, cluster.timeline());
    assert.equal(told(cluster, "+selected-slave"), 1);
  });

  it("ends when it is down", () => {
    const one = scene({ replicas: 1 });
    silence(one, 60_000);
    one.cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster");
    one.cluster.clock.advance(7_000);
    assert.equal(told(one.cluster, "-failover-abort-no-good-slave"), 1, one.cluster.timeline());
    assert.ok(one.cluster.agreesOn(one.master));
  });

  it("ends at once when the one that was named refuses", () => {
    const one = scene();
    let asked = 0;
    one.other.refuse = ([name]) => {
      if (name === "SLAVEOF") asked++;
      return name === "SLAVEOF" ? NOPERM : null;
    };
    const to = ["TO", one.other.host, `${one.other.port}`];
    one.cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster", ...to);
    one.cluster.clock.advance(2_000);
    assert.equal(told(one.cluster, "-failover-abort-no-good-slave"), 1, one.cluster.timeline());
    assert.equal(asked, 1);
  });
});
