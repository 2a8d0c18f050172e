import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Door } from "./listener.ts";
import type { ListenerTls } from "./tls-files.ts";

export { listenerTls } from "./tls-files.ts";

/** Long for any client; a connection that says nothing must not hold its descriptor. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A TLS server that listens nowhere: it gets only the connections that the door let pass. */
export function secure(files: ListenerTls, door: Door): Server {
  let used = files.current;
  const tls = createTlsServer({ handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...used }, (socket) =>
    door.accept(socket, "tls"),
  );
  // A failed handshake is the client's misfortune.
  tls.on("tlsClientError", (_cause, socket) => socket.destroy());
  return createServer((socket) => {
    if (!door.hold(socket, "tls")) return;
    const present = files.current;
    if (present !== used) tls.setSecureContext(present);
    used = present;
    tls.emit("connection", socket);
  });
}
