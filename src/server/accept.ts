import { isIPv6, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ClientId } from "../core/input.ts";
import { recognize } from "./certificate-user.ts";
import type { Peer } from "./client-facts.ts";
import type { ServerContext } from "./context.ts";
import { execute } from "./dispatch.ts";
import { linger } from "./linger.ts";
import type { Transport } from "./listener.ts";
import { Session } from "./session.ts";

/** So many connections above maxclients may linger at a time; the others are told and closed at once. */
export const LINGERING_SOCKETS = 8;

const TOO_MANY_CLIENTS = "-ERR max number of clients reached\r\n";

/** One line; the remedies are in our words, numbered as operators know them. */
const PROTECTED_MODE =
  "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. " +
  "To connect from another machine, do one of the following: " +
  "1) From the machine itself, set 'protected-mode no' in the configuration file and restart, if no stranger can reach this port. " +
  "2) Start the process with '--protected-mode no'. " +
  "3) Give the default user a password with 'requirepass'. " +
  "4) Bind to the addresses that only trusted machines can reach.\r\n";

/**
 * Counts a connection of which nothing was read yet, or closes it when there are too many. As in
 * the reference, TLS clients above maxclients are closed without a word, since a sentence would
 * need the handshake.
 */
export function holdSocket(ctx: ServerContext, socket: Socket, transport: Transport): boolean {
  // Whoever goes away while being refused must not be heard of.
  socket.on("error", destroyThis);
  const spare = transport === "tls" ? 0 : LINGERING_SOCKETS;
  if (ctx.sockets.size >= ctx.config.maxclients + spare) {
    ctx.counters.connectionsRejected += 1;
    // What is written to a new connection is with the kernel when `write` returns.
    if (transport !== "tls") socket.write(TOO_MANY_CLIENTS, "latin1");
    socket.destroy();
    return false;
  }
  ctx.sockets.add(socket);
  socket.once("close", () => ctx.sockets.delete(socket));
  return true;
}

/** Takes a new connection in, or refuses it with one sentence. */
export function acceptSocket(
  ctx: ServerContext,
  nextId: () => ClientId,
  socket: Socket,
  transport: Transport,
): void {
  // A TLS socket is another one than that which was held.
  if (transport === "tls") socket.on("error", destroyThis);
  const peer = describePeer(ctx, socket, transport);
  if (peer === null) socket.destroy();
  else if (ctx.clients.size >= ctx.config.maxclients) refuse(ctx, socket, TOO_MANY_CLIENTS);
  else if (isProtected(ctx, socket, peer)) refuse(ctx, socket, PROTECTED_MODE);
  else {
    const client = admit(ctx, nextId(), socket, peer);
    if (transport === "tls") recognize(ctx, client, socket as TLSSocket);
  }
}

function admit(ctx: ServerContext, id: ClientId, socket: Socket, peer: Peer): Session {
  const { tcpKeepaliveSeconds } = ctx.config;
  socket.setNoDelay(true);
  if (tcpKeepaliveSeconds > 0) socket.setKeepAlive(true, tcpKeepaliveSeconds * 1000);
  ctx.counters.connectionsReceived += 1;
  const client = new Session(ctx, id, socket, peer, execute);
  ctx.clients.set(id, client);
  return client;
}

/** A listener that needs no memory of its own for each connection. */
function destroyThis(this: Socket): void {
  this.destroy();
}

function refuse(ctx: ServerContext, socket: Socket, sentence: string): void {
  ctx.counters.connectionsRejected += 1;
  socket.end(sentence, "latin1");
  linger(socket);
}

function isProtected(ctx: ServerContext, socket: Socket, peer: Peer): boolean {
  if (!ctx.config.protectedMode || !ctx.acl.defaultUser.nopass || peer.isUnix) return false;
  const address = socket.remoteAddress ?? "";
  return !address.startsWith("127.") && address !== "::1";
}

/** Null: it has gone again. */
function describePeer(ctx: ServerContext, socket: Socket, transport: Transport): Peer | null {
  const fd = descriptorOf(socket);
  if (transport === "unix") {
    const addr = `${ctx.config.unixsocket ?? ""}:0`;
    return { addr, laddr: addr, isUnix: true, fd };
  }
  if (socket.remoteAddress === undefined) return null;
  return {
    addr: formatAddress(socket.remoteAddress, socket.remotePort),
    laddr: formatAddress(socket.localAddress ?? "", socket.localPort),
    isUnix: false,
    fd,
  };
}

function formatAddress(ip: string, port: number | undefined): string {
  return isIPv6(ip) ? `[${ip}]:${port ?? 0}` : `${ip}:${port ?? 0}`;
}

/** Node has no public name for the descriptor; CLIENT LIST shows -1 if it ever hides it. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { fd?: number } | null };
  return handle?.fd ?? -1;
}
