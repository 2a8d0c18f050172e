import assert from "node:assert/strict";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { within } from "./until.ts";

/** A TLS connection on which PING was answered, and the name in the certificate that was shown. */
export async function connection(
  port: number,
  tls: ConnectionOptions = {},
): Promise<{ readonly socket: TLSSocket; readonly name: string }> {
  const socket = connect({ ...tls, port, host: "127.0.0.1", rejectUnauthorized: false });
  await stillAnswers(socket);
  return { socket, name: String(socket.getPeerCertificate().subject?.CN) };
}

export async function stillAnswers(socket: TLSSocket): Promise<void> {
  socket.write("PING\r\n");
  const answered = new Promise<string>((resolve, reject) => {
    socket.once("data", (bytes) => resolve(bytes.toString()));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
  assert.equal(await within(answered, 10_000, "PONG"), "+PONG\r\n");
}
