import { type Context, elapsed } from "./context.ts";
import type { Input } from "./input.ts";
import { parseIp } from "./ip.ts";
import type { ResolvedHost } from "./state.ts";
import { lowerAscii } from "./text.ts";

/** An answer is used without asking again for this long. */
const FRESH_MS = 5_000;
/** Names known and inputs waiting for them; a flood of hellos with new names stays bounded. */
const MAX_HOSTS = 10_000;
const MAX_PARKED = 1_000;

/** What is known of a host name now; never blocks and never asks. */
export function lookUp(ctx: Context, host: string): { ip: string | null } {
  return { ip: ctx.state.hosts.get(hostKey(host))?.ip ?? null };
}

/** Host names are ASCII and equal whatever their case. */
export function hostKey(host: string): string {
  return lowerAscii(host);
}

/** Printable ASCII without spaces: anything else is no name, and would not survive recoding. */
export function isHostName(host: string): boolean {
  return /^[!-~]{1,255}$/.test(host);
}

/** True for a numeric host, and for a name whose address is known or need not be. */
export function isKnownHost(ctx: Context, host: string): boolean {
  if (!needsLookUp(ctx, host)) return true;
  return lookUp(ctx, host).ip !== null;
}

function needsLookUp(ctx: Context, host: string): boolean {
  return ctx.state.settings.resolveHostnames && isHostName(host) && parseIp(host) === null;
}

/**
 * Asks for a host name's address, unless a question is under way or was answered within the last
 * ping-period. Numeric hosts need none.
 */
export function requestResolve(ctx: Context, host: string): void {
  if (!needsLookUp(ctx, host)) return;
  const entry = hostEntry(ctx, host);
  if (entry.inFlight || !elapsed(ctx, entry.answeredAt, ctx.state.periods.pingPeriod - 1)) return;
  entry.inFlight = true;
  ctx.effects.push({ type: "resolve", host: hostKey(host) });
}

function hostEntry(ctx: Context, host: string): ResolvedHost {
  const { hosts } = ctx.state;
  const key = hostKey(host);
  const known = hosts.get(key);
  if (known) return known;
  if (hosts.size >= MAX_HOSTS) forgetOldestHost(hosts);
  const entry: ResolvedHost = { ip: null, answeredAt: null, inFlight: false };
  hosts.set(key, entry);
  return entry;
}

/** One that is still needed is asked for again when it is. */
function forgetOldestHost(hosts: Map<string, ResolvedHost>): void {
  for (const [key, { inFlight }] of hosts) {
    if (inFlight) continue;
    hosts.delete(key);
    return;
  }
}

/**
 * True if every host is known freshly enough to judge the input. Otherwise the input is kept and
 * stepped again when the missing name is answered, found or not.
 */
export function readyOrParked(ctx: Context, hosts: readonly string[], input: Input): boolean {
  const missing = hosts.find((host) => !isFresh(ctx, host));
  if (missing === undefined || ctx.state.parked.length >= MAX_PARKED) return true;
  requestResolve(ctx, missing);
  if (!ctx.state.hosts.get(hostKey(missing))?.inFlight) return true;
  ctx.state.parked.push({ host: hostKey(missing), input });
  return false;
}

function isFresh(ctx: Context, host: string): boolean {
  if (!needsLookUp(ctx, host)) return true;
  const known = ctx.state.hosts.get(hostKey(host));
  return known?.answeredAt != null && ctx.now - known.answeredAt <= FRESH_MS;
}

/** Records an answer (a failed look-up keeps the old address) and returns what waited for it. */
export function recordResolved(ctx: Context, host: string, ip: string | null): Input[] {
  const entry = hostEntry(ctx, host);
  entry.inFlight = false;
  entry.answeredAt = ctx.now;
  entry.ip = ip ?? entry.ip;
  const waiting = ctx.state.parked.filter((parked) => parked.host === hostKey(host));
  ctx.state.parked = ctx.state.parked.filter((parked) => parked.host !== hostKey(host));
  return waiting.map((parked) => parked.input);
}
