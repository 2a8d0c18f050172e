import type { Context } from "./context.ts";
import { parseIp } from "./ip.ts";
import { hostKey, isHostName, lookUp } from "./resolve.ts";
import type { Address, Settings } from "./state.ts";

export const MAX_PORT = 65_535;

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= MAX_PORT;
}

/**
 * An address from host text and port. A host name becomes one only while resolve-hostnames is on,
 * with a null ip until it is known. Null: not an address.
 */
export function makeAddress(ctx: Context, host: string, port: number): Address | null {
  if (!isPort(port)) return null;
  const ip = parseIp(host);
  if (ip) return { host, ip, port };
  if (!ctx.state.settings.resolveHostnames || !isHostName(host)) return null;
  return { host, ip: lookUp(ctx, host).ip, port };
}

/** How hellos, replies and events name the host: empty while a name is unresolved. */
export function shownHost(settings: Settings, address: Address): string {
  return settings.announceHostnames ? address.host : (address.ip ?? "");
}

/** How the file names it, so that it always loads: never empty, a name only while names resolve. */
export function writtenHost(settings: Settings, address: Address): string {
  const mayBeName = settings.announceHostnames && settings.resolveHostnames;
  return mayBeName ? address.host : (address.ip ?? address.host);
}

/** `host:port`, an IPv6 host in brackets: the name of a replica. */
export function replicaName(settings: Settings, address: Address): string {
  const host = shownHost(settings, address) || address.host;
  return host.includes(":") ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}

/** Two addresses of one process, as far as known. Unresolved ones compare by name only [SAME-ADDRESS]. */
export function sameAddress(a: Address, b: Address): boolean {
  if (a.port !== b.port) return false;
  if (a.ip !== null && a.ip === b.ip) return true;
  // Two numeric ones that differ; names need not be compared, which is slow.
  if (a.ip !== null && b.ip !== null && a.ip === a.host) return false;
  return hostKey(a.host) === hostKey(b.host);
}

/**
 * The same of records that are kept: two names for one address may be those of two servers, for a name server may be
 * wrong [D-NAMES].
 */
export function isSameServer(a: Address, b: Address): boolean {
  if (!isNamed(a) || !isNamed(b)) return sameAddress(a, b);
  return a.port === b.port && hostKey(a.host) === hostKey(b.host);
}

/** By a host name, or an ip in an unusual spelling. */
export function isNamed({ host, ip }: Address): boolean {
  return host !== ip;
}

/** Whether a host text, as a server or a peer wrote it, means this address. */
export function namesAddress(ctx: Context, address: Address, host: string, port: number): boolean {
  if (address.port !== port) return false;
  if (address.ip === host) return true;
  const named = makeAddress(ctx, host, port);
  if (named) return sameAddress(address, named);
  return hostKey(host) === hostKey(address.ip ?? address.host);
}
