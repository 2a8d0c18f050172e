import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { sceneTest } from "../support/scene.ts";
import { within } from "../support/until.ts";

/** Bytes that no client should send. */
const garbage: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["a TLS greeting", Buffer.from("16030100a5010000a10303", "hex")],
  ["an HTTP request", Buffer.from("POST / HTTP/1.1\r\nHost: x\r\n\r\n")],
  ["a huge count", Buffer.from("*2147483647\r\n$2147483647\r\n")],
  ["many huge lengths", Buffer.from("*1000000\r\n$536870912\r\n".repeat(1000))],
  ["a negative length", Buffer.from("*1\r\n$-5\r\nPING\r\n")],
  ["nested arrays", Buffer.from("*1\r\n".repeat(100_000))],
  ["a length without bytes", Buffer.from("*1\r\n$4\r\n")],
  ["unbalanced quotes", Buffer.from('PING "\r\n')],
  ["a line without end", Buffer.alloc(200_000, "A")],
  ["zeros", Buffer.alloc(200_000)],
  ["RESP3 types", Buffer.from("%1\r\n+a\r\n+b\r\n~1\r\n>1\r\n_\r\n#t\r\n,1.5\r\n")],
  ["commands with wrong words", Buffer.from("SENTINEL\r\nSENTINEL SET\r\nHELLO 9\r\nAUTH\r\n")],
  ["an empty command", Buffer.from("*0\r\n*-1\r\n*1\r\n$0\r\n\r\n")],
];

sceneTest("garbage on the port never ends the process", async (scene) => {
  const node = await scene.sentinel({ config: ["sentinel monitor m 127.0.0.1 1 1"] });
  const noise = Array.from({ length: 50 }, (_, index) => randomBytes(1 + index * 997));
  for (const [name, bytes] of [...garbage, ...noise.map((bytes) => ["noise", bytes] as const)]) {
    for (const pieces of [[bytes], bytewise(bytes)]) {
      await within(throwAt(node.port, pieces), 10_000, `the end of ${name}`);
      assert.ok(node.running, name);
    }
    assert.equal(await node.call("PING"), "PONG", name);
  }
  assert.equal(await node.masterAddress("m"), "127.0.0.1:1");
});

sceneTest("clients that vanish in the middle leave nothing behind", async (scene) => {
  const node = await scene.sentinel({ config: ["sentinel monitor m 127.0.0.1 1 1"] });
  const started = Array.from({ length: 200 }, () =>
    throwAt(node.port, [Buffer.from("*3\r\n$8\r\nSENTINEL\r\n$6\r\nMAST")]),
  );
  await Promise.all(started);
  await scene.until("only the clients of this test are connected", async () => {
    const list = String(await node.call("CLIENT", "LIST")).trim();
    return list.split("\n").length <= 2;
  });
});

/** The first bytes of a long text one by one, then the rest. */
function bytewise(bytes: Buffer): readonly Buffer[] {
  const single = Array.from({ length: Math.min(bytes.length, 64) }, (_, at) =>
    bytes.subarray(at, at + 1),
  );
  return [...single, bytes.subarray(64)];
}

/** Sends, ends its side, and resolves when the connection is closed, however. */
function throwAt(port: number, pieces: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve());
    socket.resume();
    for (const piece of pieces) socket.write(piece);
    socket.end();
  });
}
