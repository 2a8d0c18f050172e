import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, PLAIN_MASTER } from "./harness.ts";

const DOWN_AFTER_MS = 600;

/** A master follows its own replica from the eleventh second on, in so many of its answers. */
function lifeOf(answers: number, isSilent = false): LoneSentinel {
  const replicas = [{ host: "127.0.0.1", port: 6380 }];
  const masters = [{ ...PLAIN_MASTER, quorum: 1, replicas, downAfterMs: DOWN_AFTER_MS }];
  const sentinel = new LoneSentinel({ masters });
  let told = 0;
  const follow = (port: number) =>
    `role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:${port}\r\nmaster_link_status:up\r\n`;
  const serve = (seconds: number, isDemoted: boolean) =>
    sentinel.live(seconds, (args, port) => {
      if (args[0] !== "INFO") return healthyMaster(args);
      if (port === 6380) return bulk(follow(6379));
      const isReplica = isDemoted && told++ < answers;
      if (isDemoted && isSilent && !isReplica) return null;
      return bulk(isReplica ? follow(6380) : "role:master\r\n");
    });
  serve(5, false);
  serve(15, true);
  return sentinel;
}

function isCalledDown({ events }: LoneSentinel): boolean {
  return events.some((one) => one.startsWith("+sdown master"));
}

describe("a master that said that it is a replica [D-RING]", () => {
  it("is not called down if it is a master again with the next INFO", () => {
    const sentinel = lifeOf(1);
    assert.ok(sentinel.events.some((one) => one.startsWith("-role-change master")));
    assert.ok(!isCalledDown(sentinel));
  });

  it("is called down if the next INFO says so, too", () => {
    assert.ok(isCalledDown(lifeOf(Number.POSITIVE_INFINITY)));
  });

  it("is called down if no INFO comes any more, though it answers PING", () => {
    assert.ok(isCalledDown(lifeOf(1, true)));
  });
});
