import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reply } from "../../src/base/reply.ts";
import { masterOf } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";
import { COORDINATED, FAILOVER, Stage } from "./coordinated-stage.ts";
import { plain } from "./harness.ts";

describe("SENTINEL FAILOVER's words [FAILOVER-OPTIONS]", () => {
  const stage = new Stage();
  const [, one, two] = stage.servers;

  for (const [words, reply] of [
    [["SENTINEL", "FAILOVER", "nobody", "COORDINATED"], "-ERR No such master with that name"],
    [[...FAILOVER, "NOW"], "-ERR Unknown failover option specified"],
    [[...COORDINATED, "NOW"], "-ERR Unknown failover option specified"],
    [[...COORDINATED, "METHOD", "magic"], "-ERR METHOD is offset, failover or fence"],
    [[...FAILOVER, "TIMEOUT", "500"], "-ERR METHOD and TIMEOUT are options of COORDINATED"],
    [
      [...COORDINATED, "TIMEOUT", "4001"],
      "-ERR TIMEOUT is from 100 to 4000 milliseconds for this master",
    ],
    [[...COORDINATED, "TO", "10.0.0.2"], "-ERR TO is followed by a host and a port"],
    [
      [...FAILOVER, "TO", "10.0.0.9", "6379"],
      "-NOGOODSLAVE 10.0.0.9:6379 is no replica of this master",
    ],
  ] as const) {
    it(`${words.slice(2).join(" ")}: ${reply}`, () => {
      assert.equal(plain(stage.ask(words)), reply);
      assert.equal(masterOf(stage.leader).failover, null);
    });
  }

  it("TO names who is promoted, in any order, or why it cannot be", () => {
    const own = new Stage({ seed: 5 });
    const [, first, second] = own.servers;
    assert.ok(first && second);
    second.priority = 0;
    own.cluster.clock.advance(12_000);
    const to = (server: SimRedis) => ["TO", server.ip, `${server.port}`];
    const refusal = plain(own.ask([...COORDINATED, ...to(second)]));
    assert.equal(refusal, `-NOGOODSLAVE ${second.address}: its priority is 0`);
    second.priority = 100;
    first.priority = 1;
    own.cluster.clock.advance(12_000);
    assert.equal(plain(own.ask([...FAILOVER, ...to(second), "coordinated"])), "OK");
    own.await("+switch-master");
    assert.equal(own.master, second);
  });

  it("TO serves a plain failover, too", () => {
    const own = new Stage({ seed: 6 });
    const [, , second] = own.servers;
    assert.ok(second);
    assert.equal(plain(own.ask([...FAILOVER, "TO", second.ip, `${second.port}`])), "OK");
    own.await("+switch-master");
    assert.equal(own.master, second);
  });

  it("a master that never told master_failover_state is NOGOODPRIMARY", () => {
    const own = new Stage({ seed: 7 });
    masterOf(own.leader).knowsHandingOver = false;
    const text = "-NOGOODPRIMARY Primary does not support FAILOVER command";
    assert.equal(plain(own.ask(COORDINATED)), text);
    assert.equal(plain(own.ask(FAILOVER)), "OK");
    assert.equal(plain(own.ask(FAILOVER)), "-INPROG Failover already in progress");
  });

  it("no replica that is fit: NOGOODSLAVE", () => {
    const own = new Stage({ seed: 8, replicas: 0 });
    const text = "-NOGOODSLAVE No suitable replica to promote";
    assert.equal(plain(own.ask(COORDINATED)), text);
  });

  it("no majority: NOQUORUM at once, and nothing is changed", () => {
    const own = new Stage({ seed: 9 });
    own.cluster.sentinel(1).crash();
    own.cluster.sentinel(2).crash();
    own.cluster.clock.advance(10_000);
    assert.match(`${plain(own.ask(COORDINATED))}`, /^-NOQUORUM 1 usable Sentinels\. /);
    assert.equal(own.leader.core.state.currentEpoch, 0n);
    assert.equal(plain(own.ask(FAILOVER)), "OK");
  });

  it("DRYRUN tells what would be done, and does nothing [D-DRY-RUN]", () => {
    assert.ok(one && two);
    two.priority = 0;
    const before = JSON.stringify(stage.leader.disk.text);
    const replies: Reply[] = [];
    const words = [...COORDINATED, "DRYRUN", "TIMEOUT", "700"];
    stage.leader.command(words, (reply) => replies.push(reply));
    assert.equal(replies.length, 0);
    stage.cluster.clock.advance(20);
    assert.deepEqual(replies.map(plain), [
      {
        method: "offset",
        "would-promote": one.address,
        "blocked-by": [],
        "pause-limit-ms": 700,
        replicas: [
          [one.address, "fit", "lag 0 bytes"],
          [two.address, "unfit", "its priority is 0"],
        ],
      },
    ]);
    assert.equal(stage.leader.core.state.currentEpoch, 0n);
    assert.equal(JSON.stringify(stage.leader.disk.text), before);
    assert.equal(masterOf(stage.leader).failover, null);
  });

  it("DRYRUN answers within 300 ms when a server does not", () => {
    assert.ok(one);
    one.isStopped = true;
    const replies: Reply[] = [];
    stage.leader.command([...FAILOVER, "DRYRUN"], (reply) => replies.push(reply));
    stage.cluster.clock.advance(150);
    assert.equal(replies.length, 0);
    stage.cluster.clock.advance(150);
    one.isStopped = false;
    const [told] = replies.map(plain);
    assert.deepEqual((told as { method: string }).method, "plain");
  });
});
