import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { DEFAULT_GUARDS, type Guards } from "../../src/core/guards.ts";
import { NO_LIVE_SETTINGS } from "../../src/core/live-settings.ts";
import { unfitOnes } from "../../src/core/select-replica.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const OURS = "1".repeat(40);
const THEIRS = "f".repeat(40);
const NONE = "0".repeat(40);
const STRANGER = "d".repeat(40);

function data(id: string, parent = NONE): string {
  return `master_replid:${id}\r\nmaster_replid2:${parent}\r\nmaster_repl_offset:500\r\nsecond_repl_offset:${parent === NONE ? -1 : 400}\r\n`;
}

const REPLICA = `role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\nslave_repl_offset:500\r\n${data(OURS)}`;
const SERVED = "slave0:ip=10.9.0.4,port=6379,state=online,offset=500,lag=0\r\n";

/** Our master at port 6379, and replicas at 6380, whose address is given to others, and 6381. */
class Watcher extends LoneSentinel {
  /** What the server at port 6380 says of itself. */
  text = `run_id:${"a".repeat(40)}\r\n${REPLICA}`;

  constructor(lineage: Guards["lineage"] = "enforce") {
    const port = (one: number) => ({ host: "127.0.0.1", port: one });
    const sentinels = [{ ...port(26380), runId: PEER_ID }];
    const replicas = [port(6380), port(6381)];
    super({ masters: [{ ...PLAIN_MASTER, failoverTimeoutMs: 4_000, replicas, sentinels }] });
    this.core.state.settings.guards = { ...DEFAULT_GUARDS, lineage };
    this.run(2);
  }

  readonly #answer = (args: readonly string[], port: number): Reply => {
    if (args[0] !== "INFO") return healthyMaster(args);
    if (port === 6380) return bulk(this.text);
    if (port === 6381) return bulk(`run_id:${"b".repeat(40)}\r\n${REPLICA}`);
    return bulk(`run_id:${"1".repeat(40)}\r\nrole:master\r\n${data(OURS)}`);
  };

  run(seconds: number): void {
    this.live(seconds, this.#answer);
  }

  /** The server at port 6380 is another one from now on. */
  become(text: string, seconds = 30): void {
    this.text = `run_id:${"c".repeat(40)}\r\n${text}`;
    for (const [connection, { link }] of [...this.core.state.connections]) {
      if ([...link.owners][0]?.address.port !== 6380) continue;
      this.step({ type: "linkDown", connection, reason: "its host is gone" });
    }
    this.run(seconds);
  }

  /** On the channel of the server at port 6380. */
  hear(id: string, port: number, epoch = 9): void {
    const payload = `127.0.0.1,26399,${id},${epoch},mymaster,127.0.0.1,${port},${epoch}`;
    for (const [connection, { link, purpose }] of this.core.state.connections) {
      if (purpose !== "pubsub" || [...link.owners][0]?.address.port !== 6380) continue;
      this.step({ type: "message", connection, channel: "__sentinel__:hello", payload });
    }
  }

  get verdicts(): string[] {
    return this.events.filter((one) => one.startsWith("+guard-lineage"));
  }

  get isTold(): boolean {
    return this.sent.some((one) => one.startsWith("SLAVEOF"));
  }
}

describe("a server at an address that others have by now [D-LINEAGE]", () => {
  it("is left alone, if a replica follows it that we do not know", () => {
    const watcher = new Watcher();
    watcher.become(`role:master\r\n${SERVED}${data(THEIRS)}`);
    assert.ok(!watcher.isTold);
    const said = `+guard-lineage slave 127.0.0.1:6380 127.0.0.1 6380 @ mymaster 127.0.0.1 6379 #foreign replid=${THEIRS} serves 10.9.0.4:6379`;
    assert.deepEqual(watcher.verdicts, [said]);
    const [replica] = watcher.master.replicas.values();
    assert.ok(replica);
    const { state } = watcher.core;
    const nothing = { effects: [], touched: [], saveConfig: false, isTick: true };
    const ctx = {
      state,
      now: watcher.now,
      random: { below: () => 0 },
      isExecutable: () => true,
      live: NO_LIVE_SETTINGS,
      ...nothing,
    };
    assert.match(unfitOnes(ctx, watcher.master).get(replica) ?? "", /belongs to another group/);
  });

  it("hears no hello of ours, and none on it is heard", () => {
    const watcher = new Watcher();
    watcher.become(`role:master\r\n${SERVED}${data(THEIRS)}`, 3);
    const effects = watcher.effects.length;
    watcher.run(10);
    const [replica] = watcher.master.replicas.values();
    const published = watcher.effects
      .slice(effects)
      .filter((one) => one.type === "send" && one.args[0] === "PUBLISH")
      .map((one) => (one.type === "send" ? one.connection : 0));
    assert.ok(published.length > 0 && !published.includes(replica?.link.command?.id ?? 0));
    watcher.hear(PEER_ID, 6381);
    assert.equal(watcher.master.address.port, 6379);
  });

  it("or if a Sentinel that we do not know says that it is a master", () => {
    const watcher = new Watcher();
    watcher.become(`role:master\r\n${data(THEIRS)}`, 3);
    assert.deepEqual(watcher.verdicts, []);
    watcher.hear(STRANGER, 6380);
    assert.match(watcher.verdicts.join(), /#foreign replid=f{40} is watched by Sentinel d{40}$/);
    assert.ok(!watcher.master.sentinels.has(STRANGER));
    assert.equal(watcher.master.configEpoch, 0n);
    watcher.run(30);
    assert.ok(!watcher.isTold);
    // It turns out to be one of ours.
    const hello = `127.0.0.1,26399,${STRANGER},0,mymaster,127.0.0.1,6379,0`;
    watcher.ask("PUBLISH", "__sentinel__:hello", hello);
    watcher.run(12);
    assert.ok(watcher.isTold);
  });

  it("or if it has followed a foreign master since it was started", () => {
    const watcher = new Watcher();
    const follows =
      "role:slave\r\nmaster_host:10.9.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\n";
    watcher.become(`${follows}slave_repl_offset:500\r\n${data(THEIRS)}`);
    assert.ok(!watcher.isTold);
    assert.match(watcher.verdicts.join(), / follows 10\.9\.0\.1:6379$/);
  });

  it("is only told of with 'warn', and not even that with 'off'", () => {
    for (const [mode, count] of [
      ["warn", 1],
      ["off", 0],
    ] as const) {
      const watcher = new Watcher(mode);
      watcher.become(`role:master\r\n${SERVED}${data(THEIRS)}`);
      assert.ok(watcher.isTold, mode);
      assert.equal(watcher.verdicts.length, count);
    }
  });

  it("is ours once an operator vouches for its data, which is kept", () => {
    const watcher = new Watcher();
    watcher.become(`role:master\r\n${SERVED}${data(THEIRS)}`);
    const ask = (...words: string[]) =>
      plain(watcher.ask("SENTINEL", "HISTORY-ID", "mymaster", ...words));
    assert.equal(ask("ADOPT", THEIRS), "OK");
    const [adopted, heard] = ask() as Record<string, unknown>[];
    assert.deepEqual(adopted, { replid: THEIRS, "seconds-ago": 0, source: "adopted" });
    assert.equal(heard?.replid, OURS);
    const kept = watcher.effects.findLast((one) => one.type === "keep");
    assert.ok(kept?.type === "keep");
    assert.equal(kept.extra.masters.get("mymaster")?.names.length, 2);
    watcher.run(12);
    assert.ok(watcher.isTold);
    assert.match(`${ask("ADOPT", "x")}`, /^-ERR A replid has 40/);
    assert.match(`${ask("FORGET", THEIRS)}`, /^-ERR Only SENTINEL HISTORY-ID/);
    assert.match(`${plain(watcher.ask("SENTINEL", "HISTORY-ID", "other"))}`, /No such master/);
  });
});

describe("what is no verdict [D-LINEAGE]", () => {
  for (const [what, text] of [
    ["an old master that went on", `role:master\r\n${SERVED}${data(OURS)}`],
    ["one that was restarted from its file", `role:master\r\n${SERVED}${data(THEIRS, OURS)}`],
    ["one that was restored from a backup", `role:master\r\n${data(THEIRS)}`],
    [
      "one that is followed by ours",
      `role:master\r\nslave0:ip=127.0.0.1,port=6381,state=online\r\n${data(THEIRS)}`,
    ],
    ["one that tells no name of its data", `role:master\r\n${SERVED}`],
  ] as const) {
    it(`${what}: it is put back in its place`, () => {
      const watcher = new Watcher();
      watcher.become(text);
      assert.ok(watcher.isTold);
      assert.deepEqual(watcher.verdicts, []);
    });
  }

  it("one that was told to follow others while it ran: it is put right", () => {
    const watcher = new Watcher();
    const follows =
      "role:slave\r\nmaster_host:10.9.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\n";
    watcher.text = `run_id:${"a".repeat(40)}\r\n${follows}slave_repl_offset:500\r\n${data(THEIRS)}`;
    watcher.run(30);
    assert.ok(watcher.isTold);
    assert.deepEqual(watcher.verdicts, []);
  });

  it("a hello of a newcomer that names our master", () => {
    const watcher = new Watcher();
    watcher.become(`role:master\r\n${data(THEIRS)}`, 3);
    watcher.hear(STRANGER, 6379, 0);
    assert.ok(watcher.master.sentinels.has(STRANGER));
    assert.deepEqual(watcher.verdicts, []);
  });
});
