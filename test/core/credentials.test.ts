import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { error, status } from "../../src/base/reply.ts";
import { seededRandom } from "../../src/core/random.ts";
import { Sentinel } from "../../src/core/sentinel.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const PEER = { host: "127.0.0.1", port: 26380, runId: PEER_ID };

/** Connected to a master and a peer, all sent so far forgotten. */
function connected(): LoneSentinel {
  const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, sentinels: [PEER] }] });
  sentinel.pass(100);
  sentinel.serve(healthyMaster);
  return sentinel;
}

/** The AUTHs that the request makes, and the number of connections that it closes. */
function effectsOf(sentinel: LoneSentinel, ...words: readonly string[]) {
  const [sent, all] = [sentinel.sent.length, sentinel.effects.length];
  assert.equal(plain(sentinel.ask("SENTINEL", ...words)), "OK");
  const closed = sentinel.effects.slice(all).filter(({ type }) => type === "disconnect").length;
  return { auths: sentinel.sent.slice(sent).filter((one) => one.startsWith("AUTH")), closed };
}

describe("new credentials [D-LIVE-AUTH]", () => {
  it("are said to the servers of the master, once, and close nothing", () => {
    const one = effectsOf(connected(), "SET", "mymaster", "auth-user", "u", "auth-pass", "p");
    assert.deepEqual(one, { auths: ["AUTH u p"], closed: 0 });
    const none = effectsOf(connected(), "SET", "mymaster", "auth-pass", "");
    assert.deepEqual(none, { auths: [], closed: 0 });
  });

  it("are said to the other Sentinels, once, and close nothing", () => {
    const words = ["CONFIG", "SET", "sentinel-user", "u", "sentinel-pass", "p"];
    assert.deepEqual(effectsOf(connected(), ...words), { auths: ["AUTH u p"], closed: 0 });
  });

  it("that are refused are a warning, and the connection goes on", () => {
    const sentinel = connected();
    const all = sentinel.effects.length;
    sentinel.ask("SENTINEL", "SET", "mymaster", "auth-pass", "p");
    sentinel.serve((words) =>
      words[0] === "AUTH" ? error("WRONGPASS invalid username-password pair") : null,
    );
    const logs = sentinel.effects.slice(all).flatMap((each) => (each.type === "log" ? each : []));
    assert.match(
      logs.map(({ text }) => text).join("\n"),
      /^master mymaster 127\.0\.0\.1 6379: it refuses the new credentials, .*: WRONGPASS/m,
    );
    assert.equal(sentinel.master.link.command?.up, true);
  });

  it("that a Sentinel takes end what it refused before", () => {
    const sentinel = connected();
    const [peer] = sentinel.master.sentinels.values();
    assert.ok(peer);
    peer.refusal = "NOAUTH Authentication required.";
    peer.helloRefusal = "NOAUTH Authentication required.";
    sentinel.ask("SENTINEL", "CONFIG", "SET", "sentinel-pass", "p");
    sentinel.serve((words) => (words[0] === "AUTH" ? error("WRONGPASS") : null));
    assert.match(peer.refusal, /NOAUTH/);
    sentinel.ask("SENTINEL", "CONFIG", "SET", "sentinel-pass", "right");
    sentinel.serve((words) => (words[0] === "AUTH" ? status("OK") : null));
    assert.deepEqual([peer.refusal, peer.helloRefusal], [null, null]);
  });
});

describe("a setting of the process [D-LIVE-SETTINGS]", () => {
  const words = ["SENTINEL", "CONFIG", "SET", "requirepass", "new", "announce-port", "1"] as const;
  const settingsUsed = ({ effects }: LoneSentinel) =>
    effects.flatMap((each) =>
      each.type === "configure" ? [Object.fromEntries(each.settings)] : [],
    );

  function withProcess(refusal: string | null): LoneSentinel {
    const sentinel = connected();
    const live = {
      has: (name: string) => name === "requirepass",
      get: () => null,
      refuse: () => refusal,
    };
    sentinel.core = new Sentinel(sentinel.core.state, seededRandom(1), () => true, live);
    return sentinel;
  }

  it("comes into effect when it is in the file, and is what we say to our peers", () => {
    const sentinel = withProcess(null);
    assert.equal(plain(sentinel.ask(...words)), "OK");
    assert.deepEqual(settingsUsed(sentinel), [{ requirepass: "new" }]);
    assert.equal(sentinel.sent.at(-1), "AUTH new");
  });

  it("does not, when the file cannot be written: neither now nor with the next save", () => {
    const sentinel = withProcess(null);
    sentinel.canSave = false;
    assert.match(String(plain(sentinel.ask(...words))), /^-ERR Failed to save config file/);
    sentinel.canSave = true;
    assert.equal(plain(sentinel.ask("SENTINEL", "FLUSHCONFIG")), "OK");
    assert.deepEqual(settingsUsed(sentinel), []);
    assert.equal(sentinel.core.state.settings.requirepass, null);
  });

  it("that is refused changes nothing, nor does what stands beside it", () => {
    const sentinel = withProcess("ERR no");
    assert.equal(plain(sentinel.ask(...words)), "-ERR no");
    assert.equal(sentinel.core.state.settings.announcePort, 0);
    assert.equal(sentinel.saves, 0);
  });
});
