import assert from "node:assert/strict";
import type { RedisNode } from "../support/redis-node.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import { assertUnharmed, monitorLines, startWatched, type Watched } from "./hostile-support.ts";

const channel = "__sentinel__:hello";
const stranger = "f".repeat(40);
const peerCount = 1000;
const hearingMs = 60_000;
const largestEpoch = 2n ** 62n;
/** Known by hellos alone and never reached [D-UNREACHED]. */
const takenUp = 16;

interface Hello {
  readonly host: string;
  readonly port: string;
  readonly id: string;
  readonly epoch: string;
  readonly name: string;
  readonly masterHost: string;
  readonly masterPort: string;
  readonly configEpoch: string;
}

sceneTest("hellos that no Sentinel would send change nothing", async (scene) => {
  const { victim, watched, send } = await startVictim(scene);
  const { sentinel } = watched;
  const own = await sentinel.myId();
  const before = await sentinel.master("victim");
  const text = hello(victim, {});
  const forged = [
    "",
    ",,,,,,,",
    text.split(",").slice(0, 7).join(","),
    `${text},more`,
    "\0".repeat(100),
    "A".repeat(1_000_000),
    ",".repeat(1_000_000),
    hello(victim, { id: own }),
    hello(victim, { id: own, epoch: "77", configEpoch: "77", masterPort: "1" }),
    hello(victim, { id: "short" }),
    hello(victim, { id: `${"f".repeat(20)}\n${"f".repeat(19)}` }),
    hello(victim, { name: "good\nsentinel monitor evil 127.0.0.1 1 1" }),
    hello(victim, { name: "nobody", epoch: "77" }),
    hello(victim, { host: "127.0.0.1\nsentinel myid x" }),
    hello(victim, { host: "" }),
    hello(victim, { masterHost: "127.0.0.1\r\n", configEpoch: "77" }),
    ...["-1", "65536", "99999999999", "1e3", "0x10", " 1", ""].map((port) =>
      hello(victim, { port }),
    ),
    ...[
      "-1",
      "99999999999999999999",
      "18446744073709551615",
      "9223372036854775808",
      "x",
      "",
    ].flatMap((epoch) => [
      hello(victim, { epoch }),
      hello(victim, { configEpoch: epoch, masterPort: "1" }),
    ]),
  ];
  for (const message of forged) await send(message);
  await heard(watched, victim, send);
  const after = await sentinel.master("victim");
  for (const field of ["ip", "port", "config-epoch"]) assert.equal(after[field], before[field]);
  // The last word, by which the test knows that all were heard, is the one stranger.
  assert.equal((await sentinel.sentinels("victim")).length, 1);
  assert.equal(await currentEpoch(sentinel), "0");
  await assertUnharmed(watched);
});

sceneTest("the largest epochs and ports of zero leave a Sentinel that works", async (scene) => {
  const { victim, watched, send } = await startVictim(scene);
  const addressless = "d".repeat(40);
  await send(hello(victim, { id: addressless, port: "0" }));
  await send(hello(victim, { masterPort: "0", configEpoch: "5" }));
  await send(hello(victim, { epoch: `${largestEpoch}`, configEpoch: `${largestEpoch}` }));
  await heard(watched, victim, send);
  assert.equal(await watched.sentinel.masterAddress("victim"), victim.address);
  await assertUnharmed(watched);
});

sceneTest(
  "thousands of invented peers cost bounded memory, and only their own master",
  async (scene) => {
    const { victim, watched, send } = await startVictim(scene);
    await heard(watched, victim, send);
    for (let peer = 0; peer < peerCount; peer++) {
      const id = String(peer).padStart(40, "c");
      await send(
        hello(victim, {
          id,
          port: String(1 + (peer % 60_000)),
          host: `127.9.${peer >> 8}.${peer & 255}`,
        }),
      );
    }
    // Most of them are not taken up; who is known already is still heard.
    await heard(watched, victim, send, "2");
    const known = await watched.sentinel.sentinels("victim");
    assert.ok(known.length <= 1 + takenUp, `${known.length}`);
    await assertUnharmed(watched);
  },
);

interface Victim {
  readonly victim: RedisNode;
  readonly watched: Watched;
  send(message: string): Promise<void>;
}

async function startVictim(scene: Scene): Promise<Victim> {
  const victim = await scene.redis();
  const watched = await startWatched(scene, monitorLines("victim", victim.port));
  const client = await RespClient.open({ port: victim.port });
  await scene.until("the Sentinel listens to hellos", async () => {
    const reply = await victim.call("PUBSUB", "NUMSUB", channel);
    return Array.isArray(reply) && reply[1] === 1;
  });
  const send = async (message: string): Promise<void> => {
    await client.call("PUBLISH", channel, message);
  };
  return { victim, watched, send };
}

/** Messages of a channel come in order: when this stranger is known, all before were heard. */
async function heard(
  { scene, sentinel }: Watched,
  victim: RedisNode,
  send: Victim["send"],
  port = "1",
): Promise<void> {
  await send(hello(victim, { id: stranger, port }));
  const isKnown = async (): Promise<boolean> => {
    const peers = await sentinel.sentinels("victim");
    return peers.some((row) => row.runid === stranger && row.port === port);
  };
  await scene.until("all hellos were heard", isKnown, hearingMs);
}

function hello(victim: RedisNode, changes: Partial<Hello>): string {
  const fields: Hello = {
    host: "127.0.0.1",
    port: "1",
    id: stranger,
    epoch: "0",
    name: "victim",
    masterHost: "127.0.0.1",
    masterPort: String(victim.port),
    configEpoch: "0",
    ...changes,
  };
  return Object.values(fields).join(",");
}

async function currentEpoch(sentinel: SentinelNode): Promise<string> {
  return /current-epoch (\d+)/.exec(sentinel.configText)?.[1] ?? "0";
}
