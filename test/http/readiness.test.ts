import assert from "node:assert/strict";
import { test } from "node:test";
import { type LoneSentinel, PLAIN_MASTER } from "../core/harness.ts";
import { ask, type Listening, listening, watching } from "./harness.ts";

interface Verdict {
  readonly status: number;
  readonly reasons: readonly string[];
}

async function probe({ port, sentinel }: Listening, path: string): Promise<Verdict> {
  // What was made is handed out for a while.
  sentinel.now += 250;
  const { status, body } = await ask(port, path);
  return { status, reasons: JSON.parse(body).reasons };
}

function peersOf({ core }: LoneSentinel) {
  const [master] = core.state.masters.values();
  assert.ok(master);
  return { master, peers: [...master.sentinels.values()] };
}

/** As if its hello had named a master under this epoch, which we could not follow. */
function sayEpoch(sentinel: LoneSentinel, epoch: bigint): void {
  for (const peer of peersOf(sentinel).peers) {
    peer.saidConfigEpoch = epoch;
    peer.lastHelloAt = sentinel.now;
  }
}

test("who was ready stays ready without the others and with a full disk", async (t) => {
  const scene = await listening(t, watching());
  assert.deepEqual(await probe(scene, "/readyz"), { status: 200, reasons: [] });
  const { sentinel } = scene;
  sentinel.canSave = false;
  sentinel.ask("SENTINEL", "SET", "mymaster", "quorum", "1");
  sentinel.pass(20_000);
  assert.equal((await probe(scene, "/quorumz")).status, 503);
  assert.deepEqual(await probe(scene, "/readyz"), { status: 200, reasons: [] });
});

test("with a full disk, and before anybody was heard, it is not ready at first", async (t) => {
  const full = watching();
  full.canSave = false;
  full.ask("SENTINEL", "SET", "mymaster", "quorum", "1");
  const first = await listening(t, full);
  assert.deepEqual(await probe(first, "/readyz"), {
    status: 503,
    reasons: ["the last save failed"],
  });
  full.canSave = true;
  full.ask("SENTINEL", "SET", "mymaster", "quorum", "2");
  assert.equal((await probe(first, "/readyz")).status, 200);

  const deaf = watching();
  const { master, peers } = peersOf(deaf);
  master.infoAt = null;
  const second = await listening(t, deaf);
  const unheard = "mymaster: neither it nor another Sentinel of it was heard yet";
  assert.deepEqual(await probe(second, "/readyz"), { status: 503, reasons: [unheard] });
  for (const peer of peers) peer.saidConfigEpoch = 0n;
  assert.equal((await probe(second, "/readyz")).status, 200);
});

test("whom a majority has left behind is unready, until it follows or they are silent", async (t) => {
  const sentinel = watching();
  // Two of three are a majority.
  const { master, peers } = peersOf(sentinel);
  const [peer] = peers;
  assert.ok(peer);
  master.sentinels.set("9".repeat(40), { ...peer, runId: "9".repeat(40) });
  const scene = await listening(t, sentinel);
  assert.equal((await probe(scene, "/readyz")).status, 200);
  sayEpoch(sentinel, 9n);
  const behind = "mymaster: most Sentinels are beyond our config epoch 0";
  assert.deepEqual(await probe(scene, "/readyz"), { status: 503, reasons: [behind] });
  peer.saidConfigEpoch = 0n;
  assert.equal((await probe(scene, "/readyz")).status, 200);
  sayEpoch(sentinel, 9n);
  sentinel.now += 10_000;
  assert.equal((await probe(scene, "/readyz")).status, 200);
});

test("a master at our own machine is no answer for clients while others name another one", async (t) => {
  const sentinel = watching({ ...PLAIN_MASTER, host: "127.0.0.1" }, "127.0.0.1");
  const { master, peers } = peersOf(sentinel);
  const [peer] = peers;
  assert.ok(peer);
  const scene = await listening(t, sentinel);
  const address = { host: "10.0.0.5", ip: "10.0.0.5", port: 6379 };
  peer.dissent = { address, configEpoch: master.configEpoch, since: sentinel.now };
  const own = "mymaster: its address is our own machine, and another Sentinel names another one";
  assert.deepEqual(await probe(scene, "/readyz"), { status: 503, reasons: [own] });
  peer.dissent = null;
  assert.equal((await probe(scene, "/readyz")).status, 200);
});

test("TILT is no quorum", async (t) => {
  const scene = await listening(t, watching());
  for (const path of ["/quorumz", "/quorumz?name=mymaster"]) {
    assert.equal((await probe(scene, path)).status, 200);
  }
  scene.sentinel.now += 5_000;
  scene.sentinel.step({ type: "tick" });
  for (const path of ["/quorumz", "/quorumz?name=mymaster"]) {
    assert.deepEqual((await probe(scene, path)).reasons.at(-1), "this Sentinel is in TILT");
  }
});
