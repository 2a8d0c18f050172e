import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseHello } from "../../src/core/hello-message.ts";
import { LoneSentinel, OWN_ID, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const CHANNEL = "__sentinel__:hello";
const OTHER_ID = "c".repeat(40);

function say(sentinel: LoneSentinel, ...fields: (string | number)[]): void {
  const reply = sentinel.ask("PUBLISH", CHANNEL, fields.join(","));
  assert.deepEqual(reply, { type: "integer", value: 1 });
}

/** A hello of a peer at a port that names our master, with its epochs. */
function hello(id: string, port: number, epoch = 0, masterPort = 6379, configEpoch = 0) {
  return ["127.0.0.1", port, id, epoch, "mymaster", "127.0.0.1", masterPort, configEpoch] as const;
}

describe("parseHello", () => {
  const good = hello(PEER_ID, 26380, 3, 6379, 2).join(",");

  it("reads eight fields", () => {
    assert.deepEqual(parseHello(good), {
      host: "127.0.0.1",
      port: 26380,
      runId: PEER_ID,
      currentEpoch: 3n,
      masterName: "mymaster",
      masterHost: "127.0.0.1",
      masterPort: 6379,
      configEpoch: 2n,
    });
  });

  for (const [what, text] of [
    ["seven fields", good.split(",").slice(1).join(",")],
    ["nine fields", `${good},1`],
    ["a negative epoch", good.replace(",3,", ",-1,")],
    ["an epoch that no reply can carry", good.replace(",3,", ",9223372036854775808,")],
    ["a port out of range", good.replace("26380", "65536")],
    ["a short id", good.replace(PEER_ID, "abc")],
    ["an id with a newline", good.replace("bb", "b\n")],
    ["an empty host", good.slice(good.indexOf(","))],
    ["a host with a space", `a b${good.slice(9)}`],
  ] as const) {
    it(`drops ${what}`, () => assert.equal(parseHello(text), null));
  }

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        parseHello(text);
      }),
    );
  });
});

describe("a hello", () => {
  it("makes an unknown Sentinel known, once, and saves it", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(PEER_ID, 26380));
    say(sentinel, ...hello(PEER_ID, 26380));
    const name = `${PEER_ID} 127.0.0.1 26380`;
    assert.deepEqual(sentinel.events, [`+sentinel sentinel ${name} @ mymaster 127.0.0.1 6379`]);
    assert.equal(sentinel.saves, 1);
  });

  it("with our own id is nobody's", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(OWN_ID, 26380));
    assert.equal(sentinel.master.sentinels.size, 0);
  });

  it("of a master we do not watch changes nothing", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, "127.0.0.1", 26380, PEER_ID, 9, "other", "127.0.0.1", 6379, 0);
    assert.equal(sentinel.core.state.currentEpoch, 0n);
  });

  it("raises the epoch, which is said only once it is saved", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(PEER_ID, 26380, 7));
    assert.equal(sentinel.core.state.savedEpoch, 7n);
    sentinel.canSave = false;
    say(sentinel, ...hello(PEER_ID, 26380, 8));
    assert.equal(sentinel.core.state.currentEpoch, 8n);
    assert.equal(sentinel.core.state.savedEpoch, 7n);
  });

  it("from a new address moves the Sentinel", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(PEER_ID, 26380));
    say(sentinel, ...hello(PEER_ID, 26381));
    const text = `master mymaster 127.0.0.1 6379 ip 127.0.0.1 port 26381 for ${PEER_ID}`;
    assert.equal(sentinel.events.at(-1), `+sentinel-address-switch ${text}`);
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.address.port, 26381);
  });

  it("moves the same Sentinel under the other masters too", () => {
    const other = { ...PLAIN_MASTER, name: "second", port: 6380 };
    const sentinel = new LoneSentinel({ masters: [PLAIN_MASTER, other] });
    say(sentinel, ...hello(PEER_ID, 26380));
    say(sentinel, "127.0.0.1", 26380, PEER_ID, 0, "second", "127.0.0.1", 6380, 0);
    say(sentinel, ...hello(PEER_ID, 26381));
    assert.match(
      sentinel.events.at(-1) ?? "",
      /^\+sentinel-address-update .* 1 additional matching/,
    );
    const second = sentinel.core.state.masters.get("second");
    assert.equal(second?.sentinels.get(PEER_ID)?.address.port, 26381);
  });

  it("with another id at a known address replaces the reinstalled Sentinel", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(PEER_ID, 26380));
    say(sentinel, ...hello(OTHER_ID, 26380));
    assert.deepEqual([...sentinel.master.sentinels.keys()], [OTHER_ID]);
    assert.match(sentinel.events[1] ?? "", /^\+sentinel-invalid-addr sentinel b/);
  });

  it("with an unusable address does not make us forget the peer [D-HELLO-CHECKED]", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(PEER_ID, 26380));
    say(sentinel, "no-such-host", 26380, PEER_ID, 0, "mymaster", "127.0.0.1", 6379, 0);
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.address.port, 26380);
  });

  it("of a greater config epoch switches the master", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(PEER_ID, 26380, 4, 6399, 4));
    assert.equal(sentinel.master.address.port, 6399);
    assert.equal(sentinel.master.configEpoch, 4n);
    assert.ok(sentinel.events.includes("+switch-master mymaster 127.0.0.1 6379 127.0.0.1 6399"));
    assert.deepEqual([...sentinel.master.replicas.keys()], ["127.0.0.1:6379"]);
    assert.equal(sentinel.core.config().masters[0]?.port, 6399);
  });

  it("of a greater config epoch that leaves the master where it is ends our failover [D-SAME-MASTER]", () => {
    const replicas = [{ host: "127.0.0.1", port: 6380 }];
    const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }] });
    const [promoted] = sentinel.master.replicas.values();
    assert.ok(promoted);
    sentinel.master.configEpoch = 2n;
    sentinel.master.failover = {
      step: "reconf_slaves",
      stepSince: sentinel.now,
      epoch: 2n,
      forced: false,
      settles: false,
      coordinated: null,
      target: null,
      promoted,
      infoRequestedAt: null,
      isWaitingForReplica: false,
      isOldMasterTold: false,
      selectingSince: 0,
      epochSince: 0,
      ownVoteEpoch: 0n,
      foundAt: null,
      failed: new Map(),
    };
    say(sentinel, ...hello(PEER_ID, 26380, 3, 6379, 3));
    assert.equal(sentinel.master.failover, null);
    assert.equal(sentinel.core.config().masters[0]?.port, 6379);
  });

  it("of an equal config epoch with another address is not believed", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(PEER_ID, 26380, 4, 6399, 0));
    assert.equal(sentinel.master.address.port, 6379);
  });

  it("whose master address cannot be used does not consume the config epoch", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, "127.0.0.1", 26380, PEER_ID, 4, "mymaster", "no-such-host", 6399, 4);
    assert.equal(sentinel.master.configEpoch, 0n);
    assert.ok(!sentinel.events.some((event) => event.startsWith("+switch-master")));
    say(sentinel, ...hello(PEER_ID, 26380, 4, 6399, 4));
    assert.equal(sentinel.master.address.port, 6399);
  });

  it("clears what peers said about the old master when it switches [D-EVIDENCE] [I13]", () => {
    const sentinel = new LoneSentinel();
    say(sentinel, ...hello(PEER_ID, 26380));
    const peer = sentinel.master.sentinels.get(PEER_ID);
    assert.ok(peer);
    peer.masterDown = true;
    say(sentinel, ...hello(PEER_ID, 26380, 4, 6399, 4));
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.masterDown, false);
  });
});

describe("host names in hellos", () => {
  const byName = { resolveHostnames: true, announceHostnames: true };

  it("wait for their address, and are judged then", () => {
    const sentinel = new LoneSentinel(byName);
    say(sentinel, "peer.example", 26380, PEER_ID, 2, "mymaster", "127.0.0.1", 6379, 0);
    assert.equal(sentinel.master.sentinels.size, 0);
    assert.deepEqual(sentinel.effects.at(0), { type: "resolve", host: "peer.example" });
    sentinel.step({ type: "resolved", host: "peer.example", ip: "10.1.1.1" });
    const peer = sentinel.master.sentinels.get(PEER_ID);
    assert.deepEqual(peer?.address, { host: "peer.example", ip: "10.1.1.1", port: 26380 });
  });

  it("that resolve to the known address are the same master", () => {
    const sentinel = new LoneSentinel(byName);
    say(sentinel, "127.0.0.1", 26380, PEER_ID, 2, "mymaster", "redis.example", 6379, 2);
    sentinel.step({ type: "resolved", host: "redis.example", ip: "127.0.0.1" });
    assert.equal(sentinel.master.configEpoch, 2n);
    assert.ok(!sentinel.events.some((event) => event.startsWith("+switch-master")));
  });

  it("that do not resolve leave the configuration as it is", () => {
    const sentinel = new LoneSentinel(byName);
    say(sentinel, "127.0.0.1", 26380, PEER_ID, 2, "mymaster", "gone.example", 6379, 2);
    sentinel.step({ type: "resolved", host: "gone.example", ip: null });
    assert.equal(sentinel.master.configEpoch, 0n);
    assert.equal(sentinel.master.address.port, 6379);
  });

  it("let MONITOR wait for the address of its host", () => {
    const sentinel = new LoneSentinel(byName);
    assert.equal(sentinel.ask("SENTINEL", "MONITOR", "m2", "new.example", "6390", "1"), undefined);
    const client = sentinel.lastClient;
    sentinel.step({ type: "resolved", host: "new.example", ip: "10.1.1.2" });
    assert.equal(plain(sentinel.replyTo(client)), "OK");
    assert.equal(sentinel.core.state.masters.get("m2")?.address.ip, "10.1.1.2");
  });

  it("let MONITOR fail for a host without an address", () => {
    const sentinel = new LoneSentinel(byName);
    sentinel.ask("SENTINEL", "MONITOR", "m2", "gone.example", "6390", "1");
    const client = sentinel.lastClient;
    sentinel.step({ type: "resolved", host: "gone.example", ip: null });
    assert.equal(plain(sentinel.replyTo(client)), "-ERR Invalid IP address or hostname specified");
  });
});
