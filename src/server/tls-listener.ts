import { createServer, type Server } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { Door } from "./listener.ts";

export { loadTlsOptions } from "./tls-options.ts";

/** Long for any client; a connection that says nothing must not hold its descriptor. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A TLS server that listens nowhere: it gets only the connections that the door let pass. */
export function secure(options: TlsOptions, door: Door): Server {
  const tls = createTlsServer({ handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...options }, (socket) =>
    door.accept(socket, "tls"),
  );
  // A failed handshake is the client's misfortune.
  tls.on("tlsClientError", (_cause, socket) => socket.destroy());
  return createServer((socket) => {
    if (door.hold(socket, "tls")) tls.emit("connection", socket);
  });
}
