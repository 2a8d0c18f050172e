import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encodeCommand } from "../support/resp-client.ts";
import { sceneTest } from "../support/scene.ts";
import { assertUnharmed, monitorLines, startWatched } from "./hostile-support.ts";
import { RudeServer, rudeManners } from "./rude-server.ts";

const connectionCount = 4000;
const atOnce = 200;
const slowReaders = 20;
/** Far more than the replies of any buffer that the system or the daemon keeps. */
const unreadRequests = 20_000;

sceneTest("thousands of connections that open and vanish leave nothing behind", async (scene) => {
  const watched = await startWatched(scene, []);
  const { sentinel } = watched;
  const greetings = [
    "",
    "PING\r\n",
    "*3\r\n$8\r\nSENT",
    "\x16\x03\x01",
    encodeCommand(["PSUBSCRIBE", "*"]),
  ];
  for (let done = 0; done < connectionCount; done += atOnce) {
    const started = Array.from({ length: atOnce }, (_, index) =>
      vanish(sentinel.port, greetings[index % greetings.length] ?? ""),
    );
    await Promise.all(started);
  }
  await scene.until("they are forgotten", async () => {
    const list = String(await sentinel.call("CLIENT", "LIST")).trim();
    return list.split("\n").length <= 2;
  });
  await assertUnharmed(watched);
});

sceneTest("clients that ask and never read cost bounded memory", async (scene) => {
  const closing = await RudeServer.listen("close", rudeManners.close ?? (() => undefined));
  const watched = await startWatched(scene, monitorLines("restless", closing.port));
  const { sentinel } = watched;
  const asking = encodeCommand(["SENTINEL", "MASTERS"]).repeat(unreadRequests);
  const sockets = await Promise.all(Array.from({ length: slowReaders }, () => open(sentinel.port)));
  try {
    for (const socket of sockets) {
      socket.pause();
      socket.write(encodeCommand(["PSUBSCRIBE", "*"]).repeat(50));
    }
    const askers = await Promise.all(
      Array.from({ length: slowReaders }, () => open(sentinel.port)),
    );
    sockets.push(...askers);
    for (const socket of askers) {
      socket.pause();
      socket.write(asking);
    }
    await assertUnharmed(watched);
    assert.ok(sentinel.running);
  } finally {
    for (const socket of sockets) socket.destroy();
    closing.close();
  }
});

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  socket.on("error", () => socket.destroy());
  return socket;
}

/** Says something and is gone with a reset, as when a machine dies. */
async function vanish(port: number, greeting: string): Promise<void> {
  const socket = await open(port);
  if (greeting !== "") socket.write(greeting);
  const closed = once(socket, "close");
  socket.resetAndDestroy();
  await closed;
}
