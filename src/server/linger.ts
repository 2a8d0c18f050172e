import type { Duplex } from "node:stream";

/** A connection that we end is given this long to fetch our last words. */
const LINGER_MS = 1000;

/**
 * After our side was ended: input is read on and dropped for a moment. Closing a socket with unread
 * input would reset the connection and could destroy our last reply.
 */
export function linger(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once("close", () => clearTimeout(timer));
}
