import type { Context } from "./context.ts";
import type { Input } from "./input.ts";
import { parseIp } from "./ip.ts";
import type { ResolvedHost } from "./state.ts";

/** An answer is used without asking again for this long. */
const FRESH_MS = 5_000;
/** Names known and inputs waiting for them; a flood of hellos with new names stays bounded. */
const MAX_HOSTS = 10_000;
const MAX_PARKED = 1_000;

/** What is known of a host name now; never blocks and never asks. */
export function lookUp(ctx: Context, host: string): { ip: string | null; answered: boolean } {
  const known = ctx.state.hosts.get(host.toLowerCase());
  return { ip: known?.ip ?? null, answered: known?.answeredAt != null };
}

/** Asks for a host name's address unless a question is under way. Numeric hosts need none. */
export function requestResolve(ctx: Context, host: string): void {
  if (!ctx.state.settings.resolveHostnames || parseIp(host) || host === "") return;
  const entry = hostEntry(ctx, host);
  if (!entry || entry.inFlight) return;
  entry.inFlight = true;
  ctx.effects.push({ type: "resolve", host: host.toLowerCase() });
}

function hostEntry(ctx: Context, host: string): ResolvedHost | null {
  const { hosts } = ctx.state;
  const key = host.toLowerCase();
  const known = hosts.get(key);
  if (known) return known;
  if (hosts.size >= MAX_HOSTS) return null;
  const entry: ResolvedHost = { ip: null, answeredAt: null, inFlight: false };
  hosts.set(key, entry);
  return entry;
}

/**
 * True if every host is known freshly enough to judge the input. Otherwise the input is kept and
 * stepped again when the missing name is answered, found or not.
 */
export function readyOrParked(ctx: Context, hosts: readonly string[], input: Input): boolean {
  const missing = hosts.find((host) => !isFresh(ctx, host));
  if (missing === undefined || ctx.state.parked.length >= MAX_PARKED) return true;
  requestResolve(ctx, missing);
  if (!ctx.state.hosts.get(missing.toLowerCase())?.inFlight) return true;
  ctx.state.parked.push({ host: missing.toLowerCase(), input });
  return false;
}

function isFresh(ctx: Context, host: string): boolean {
  if (!ctx.state.settings.resolveHostnames || parseIp(host) || host === "") return true;
  const known = ctx.state.hosts.get(host.toLowerCase());
  return known?.answeredAt != null && ctx.now - known.answeredAt <= FRESH_MS;
}

/** Records an answer (a failed look-up keeps the old address) and returns what waited for it. */
export function recordResolved(ctx: Context, host: string, ip: string | null): Input[] {
  const entry = hostEntry(ctx, host);
  if (entry) {
    entry.inFlight = false;
    entry.answeredAt = ctx.now;
    entry.ip = ip ?? entry.ip;
  }
  const waiting = ctx.state.parked.filter((parked) => parked.host === host.toLowerCase());
  ctx.state.parked = ctx.state.parked.filter((parked) => parked.host !== host.toLowerCase());
  return waiting.map((parked) => parked.input);
}
