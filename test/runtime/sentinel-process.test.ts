import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DEFAULT_GUARDS } from "../../src/core/guards.ts";
import { loadFile } from "../../src/runtime/file/load-file.ts";
import { SentinelProcess } from "../../src/runtime/sentinel-process.ts";
import { writeText } from "../support/files.ts";
import { temporaryFolder } from "./support.ts";

const NO_ONLOOKERS = {
  ...{ http: null, httpHost: [], httpTokenFile: null, httpTls: false, webhooks: null },
};

const nothing = (): void => undefined;

/** A Sentinel in this process that notes `+monitor`, which follows the save of its step. */
async function startSentinel(t: TestContext, said: string[]): Promise<string> {
  let stop = nothing;
  // Before its folder is removed.
  t.after(() => stop());
  const folder = temporaryFolder(t);
  const path = join(folder, "sentinel.sock");
  const configPath = writeText(folder, "s.conf", ["port 0", `unixsocket ${path}`]);
  const log = {
    ...{ write: nothing, signal: nothing, setThreshold: nothing, reopen: nothing },
    event(_level: string, name: string) {
      if (name === "+monitor") said.push(name);
    },
  };
  const sentinel = new SentinelProcess({
    ...{ configPath, loaded: loadFile(configPath, configPath, []), log, background: false },
    ...{
      guards: DEFAULT_GUARDS,
      onlookers: NO_ONLOOKERS,
      supervision: "no",
      executable: "",
      onListening: nothing,
      onShutdown: nothing,
    },
    mostClients: 1_000,
  });
  stop = () => sentinel.stop();
  await sentinel.start();
  return path;
}

async function dial(t: TestContext, path: string): Promise<Socket> {
  const socket = connect(path);
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Notes each address among what is written to a socket. */
function noteAddresses(t: TestContext, said: string[]): void {
  const { write } = Socket.prototype;
  // The runner reads what this process says through a socket, too, and that is bytes.
  t.mock.method(Socket.prototype, "write", function (this: Socket, ...words: unknown[]) {
    const [data] = words;
    const isAddress = typeof data === "string" && data.startsWith("*2\r\n$9\r\n127.0.0.1");
    if (isAddress) said.push("address");
    return Reflect.apply(write, this, words);
  });
}

test("an address is told only when the file holds it, whoever asks", async (t) => {
  const said: string[] = [];
  const path = await startSentinel(t, said);
  const [operator, client] = [await dial(t, path), await dial(t, path)];
  noteAddresses(t, said);
  // Both arrive in one turn of the loop: the question is read while the save still waits.
  operator.write("SENTINEL MONITOR m 127.0.0.1 6379 1\r\n");
  client.write("SENTINEL GET-MASTER-ADDR-BY-NAME m\r\n");
  await once(client, "data");
  assert.deepEqual(said, ["+monitor", "address"]);
  client.write("SENTINEL GET-MASTER-ADDR-BY-NAME m\r\n");
  await once(client, "data");
  assert.deepEqual(said, ["+monitor", "address", "address"]);
});
