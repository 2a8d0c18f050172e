import { isIPv6, type Socket } from "node:net";
import type { ServerContext } from "./context.ts";
import { execute } from "./dispatch.ts";
import { type Peer, Session } from "./session.ts";

/** How long a refused connection may take to fetch the sentence that refuses it. */
const LINGER_MS = 1000;

const TOO_MANY_CLIENTS = "-ERR max number of clients reached\r\n";

/** One line; the remedies are in our words, numbered as operators know them. */
const PROTECTED_MODE =
  "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. " +
  "To connect from another machine, do one of the following: " +
  "1) From the machine itself, set 'protected-mode no' in the configuration file and restart, if no stranger can reach this port. " +
  "2) Start the process with '--protected-mode no'. " +
  "3) Give the default user a password with 'requirepass'. " +
  "4) Bind to the addresses that only trusted machines can reach.\r\n";

/** Takes a new connection in, or refuses it with one sentence. */
export function acceptSocket(ctx: ServerContext, nextId: () => number, socket: Socket): void {
  // Whoever goes away while being refused must not be heard of.
  socket.on("error", () => socket.destroy());
  socket.setNoDelay(true);
  const { tcpKeepaliveSeconds, maxclients } = ctx.config;
  if (tcpKeepaliveSeconds > 0) socket.setKeepAlive(true, tcpKeepaliveSeconds * 1000);
  const peer = describePeer(ctx, socket);
  if (ctx.clients.size >= maxclients) refuse(ctx, socket, TOO_MANY_CLIENTS);
  else if (isProtected(ctx, socket, peer)) refuse(ctx, socket, PROTECTED_MODE);
  else {
    ctx.counters.connectionsReceived += 1;
    const session = new Session(ctx, nextId(), socket, peer, (client, args) =>
      execute(ctx, client, args),
    );
    ctx.clients.set(session.id, session);
  }
}

function refuse(ctx: ServerContext, socket: Socket, sentence: string): void {
  ctx.counters.connectionsRejected += 1;
  socket.end(sentence, "latin1");
  // Input is dropped: unread, it would turn our close into a reset and lose the sentence.
  socket.resume();
  const linger = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once("close", () => clearTimeout(linger));
}

function isProtected(ctx: ServerContext, socket: Socket, peer: Peer): boolean {
  if (!ctx.config.protectedMode || !ctx.acl.defaultUser.nopass || peer.isUnix) return false;
  const address = socket.remoteAddress ?? "";
  return !address.startsWith("127.") && address !== "::1";
}

function describePeer(ctx: ServerContext, socket: Socket): Peer {
  const fd = descriptorOf(socket);
  if (socket.remoteAddress === undefined) {
    const addr = `${ctx.config.unixsocket ?? ""}:0`;
    return { addr, laddr: addr, isUnix: true, fd };
  }
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
