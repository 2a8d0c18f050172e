import { chownSync, existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { textOf } from "../base/bytes.ts";
import { strerror } from "../base/errno.ts";
import type { ServerConfig, TlsConfig } from "../config/server-config.ts";
import { directSocket } from "./direct-socket.ts";
import type { ServerHost } from "./host.ts";
import type { ListenerTls } from "./tls-files.ts";

export type Transport = "tcp" | "tls" | "unix";

/** What becomes of connections. */
export interface Door {
  /** Hears of each at once, even before a TLS handshake; false: it was closed. */
  hold(socket: Socket, transport: Transport): boolean;
  /** Takes one in that was held, and shook hands if it is a TLS one. */
  accept(socket: Socket, transport: Transport): void;
}

/** Address families this machine may lack; such an address is skipped without being optional. */
const FAMILY_ERRORS = ["EAFNOSUPPORT", "EPROTONOSUPPORT", "ENOPROTOOPT", "ESOCKTNOSUPPORT"];

interface Listeners {
  readonly servers: Server[];
  /** What those with TLS use; null: there are none. */
  readonly tlsFiles: ListenerTls | null;
}

interface TcpKind {
  readonly files: ListenerTls | null;
  readonly port: number;
  readonly kind: "tcp" | "tls";
  readonly create: (door: Door) => Server;
}

/**
 * Opens every listener of the configuration, or none: on failure those already open are closed
 * and the rejection's message is the sentence for the operator [WIRE-LISTEN].
 */
export async function openListeners(
  config: ServerConfig,
  host: ServerHost,
  door: Door,
): Promise<Listeners> {
  const opened: Server[] = [];
  let tlsFiles: ListenerTls | null = null;
  try {
    warnOfBacklog(config, host);
    const kinds = await tcpKinds(config, host);
    for (const { files } of kinds) tlsFiles ??= files;
    await openTcp(config, host, kinds, door, opened);
    if (config.unixsocket !== null) {
      opened.push(await openUnix(config, config.unixsocket, door));
    }
  } catch (cause) {
    for (const server of opened) server.close();
    throw cause;
  }
  if (opened.length === 0) throw new Error("Configured to not listen anywhere, exiting.");
  return { servers: opened, tlsFiles };
}

async function tcpKinds(config: ServerConfig, host: ServerHost): Promise<TcpKind[]> {
  const kinds: TcpKind[] = [];
  if (config.port !== 0) {
    kinds.push({ files: null, port: config.port, kind: "tcp", create: plain });
  }
  if (config.tlsPort !== 0) {
    // Most Sentinels start without it.
    const { listenerTls, secure } = await import("./tls-listener.ts");
    const files = listenerTls(config.tls, host);
    const create = (door: Door) => secure(files, door);
    kinds.push({ files, port: config.tlsPort, kind: "tls", create });
    warnOfUnaskedCertificates(config.tls, host);
  }
  return kinds;
}

function plain(door: Door, transport: Transport = "tcp"): Server {
  return createServer({ pauseOnConnect: true }, (accepted) => {
    const socket = directSocket(accepted);
    if (door.hold(socket, transport)) door.accept(socket, transport);
  });
}

/** All at once: who is answered on one port finds the others open, too. */
async function openTcp(
  config: ServerConfig,
  host: ServerHost,
  kinds: readonly TcpKind[],
  door: Door,
  opened: Server[],
): Promise<void> {
  const attempts = kinds.flatMap((kind) =>
    config.bind.map((bind) => listenAt(bind, kind, config.tcpBacklog, door)),
  );
  const outcomes = await Promise.all(attempts);
  for (const { cause, server } of outcomes) if (cause === null) opened.push(server);
  for (const { address, cause, kind, optional, port } of outcomes) {
    if (cause === null) continue;
    host.log(
      "warning",
      `Warning: Could not create server TCP listening socket ${address}:${port}: bind: ${strerror(cause)}`,
    );
    if (optional && cause.code === "EADDRNOTAVAIL") continue;
    if (FAMILY_ERRORS.includes(cause.code ?? "")) continue;
    throw new Error(`Failed listening on port ${port} (${kind}), aborting.`);
  }
}

async function listenAt(
  bind: string,
  { create, kind, port }: TcpKind,
  backlog: number,
  door: Door,
) {
  const optional = bind.startsWith("-");
  const address = optional ? bind.slice(1) : bind;
  const server = create(door);
  const cause = await tryListen(server, { ...whereToListen(address), port, backlog });
  return { address, cause, kind, optional, port, server };
}

/** An IPv6 socket never takes IPv4 connections too: `*` and `::*` stand side by side. */
function whereToListen(address: string): ListenOptions {
  if (address === "*") return { host: "0.0.0.0" };
  if (address === "::*") return { host: "::", ipv6Only: true };
  return address.includes(":") ? { host: address, ipv6Only: true } : { host: address };
}

async function openUnix(config: ServerConfig, pathBytes: string, door: Door): Promise<Server> {
  const path = textOf(pathBytes);
  // A socket file that a crash left behind would make bind fail.
  rmSync(path, { force: true });
  const server = plain(door, "unix");
  const mode = config.unixsocketperm;
  const cause = await withMode(mode, () => tryListen(server, { path, backlog: config.tcpBacklog }));
  if (cause !== null) {
    throw new Error(`Failed opening Unix socket: bind: ${unixStrerror(path, cause)}`);
  }
  try {
    if (config.unixsocketgroup !== null) giveToGroup(path, textOf(config.unixsocketgroup));
  } catch (error) {
    server.close();
    throw error;
  }
  return server;
}

/**
 * The socket has its mode when it appears, so that nobody can connect before. Node binds before
 * `listen` returns, and gives no way between that and the first connection. 0: not configured.
 */
function withMode<T>(mode: number, listen: () => T): T {
  if (mode === 0) return listen();
  const usual = process.umask(~mode & 0o777);
  try {
    return listen();
  } finally {
    process.umask(usual);
  }
}

/** As Valkey, a start that cannot keep others out fails. */
function giveToGroup(path: string, group: string): void {
  const gid = groupId(group);
  if (gid === null)
    throw new Error(`Failed opening Unix socket: no group '${group}' in /etc/group`);
  try {
    chownSync(path, -1, gid);
  } catch (error) {
    throw new Error(`Failed to give the Unix socket to group '${group}': ${strerror(error)}`);
  }
}

function groupId(group: string): number | null {
  if (/^\d{1,9}$/.test(group)) return Number(group);
  const lines = readFileSync("/etc/group", "utf8").split("\n");
  const [, , gid] = lines.map((line) => line.split(":")).find(([name]) => name === group) ?? [];
  return gid === undefined ? null : Number(gid);
}

/** libuv reports a missing folder as EACCES. */
function unixStrerror(path: string, cause: NodeJS.ErrnoException): string {
  const missing = cause.code === "EACCES" && !existsSync(dirname(path));
  return missing ? "No such file or directory" : strerror(cause);
}

function tryListen(server: Server, options: ListenOptions): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(options, () => {
      server.removeListener("error", resolve);
      // Running out of descriptors while accepting must not end the process.
      server.on("error", () => undefined);
      resolve(null);
    });
  });
}

function warnOfUnaskedCertificates(tls: TlsConfig, host: ServerHost): void {
  if (tls.authClientsUser === "off" || tls.authClients !== "no") return;
  host.log(
    "warning",
    "tls-auth-clients-user has no effect: with tls-auth-clients no nobody is asked for a certificate.",
  );
}

function warnOfBacklog({ tcpBacklog }: ServerConfig, host: ServerHost): void {
  const limit = readSomaxconn();
  if (limit === null || limit >= tcpBacklog) return;
  host.log(
    "warning",
    `tcp-backlog ${tcpBacklog} is more than /proc/sys/net/core/somaxconn allows, so ${limit} applies.`,
  );
}

function readSomaxconn(): number | null {
  try {
    return Number(readFileSync("/proc/sys/net/core/somaxconn", "latin1"));
  } catch {
    return null;
  }
}
