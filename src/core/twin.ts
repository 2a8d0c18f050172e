import { makeAddress, sameAddress, shownHost } from "./address.ts";
import { type Context, elapsed, log } from "./context.ts";
import type { HelloMessage } from "./hello-message.ts";
import type { Input } from "./input.ts";
import { newSentinel } from "./instance.ts";
import { leaveLink, reconnect } from "./link.ts";
import type { Address, Master, PeerSentinel, SentinelState } from "./state.ts";

/** So long after its last hello a twin is thought to live: some were lost. */
const TWIN_LIFETIME_MS = 30_000;
/** It is asked who it is again after this. */
const CHECK_PERIOD_MS = 10_000;

/**
 * Another process that bears our id, as after a machine was cloned with its file. Voters cannot tell us
 * from it, so both could lead one epoch, and both could vote in one [D-TWIN].
 */
export interface Twin {
  readonly address: Address;
  heardAt: number;
  /** The record whose link asks it who it is; no voter, and in no table. */
  probe: PeerSentinel | null;
  probedAt: number | null;
  /** The probe's hello arrived here: the address is one more of our own. */
  isOurselves: boolean;
  /** It answered at its address with our id. Before, anybody may have said so in its name. */
  isConfirmed: boolean;
}

/** A hello that bears our id: our own, as servers repeat it, or a twin's. */
export function hearOwnId(ctx: Context, hello: HelloMessage, { type }: Input): void {
  const { state, now } = ctx;
  if (state.announced.has(`${hello.host},${hello.port}`)) {
    // Said to us directly, and not by a server's channel: we are at the other end of the probe.
    if (state.twin && type === "command") state.twin.isOurselves = true;
    return;
  }
  const master = state.masters.get(hello.masterName);
  const address = hello.port === 0 ? null : makeAddress(ctx, hello.host, hello.port);
  if (!master || !address?.ip) return;
  if (state.twin && sameAddress(state.twin.address, address)) state.twin.heardAt = now;
  else replaceTwin(ctx, master, address);
  if (state.twin && elapsed(ctx, state.twin.probedAt, CHECK_PERIOD_MS))
    probe(ctx, master, state.twin);
}

function replaceTwin(ctx: Context, master: Master, address: Address): void {
  const { state, now } = ctx;
  // One that is confirmed and alive is enough; the next one is looked at when it is gone.
  if (hasTwin(ctx)) return;
  closeProbe(ctx);
  state.twin = {
    ...{ address, heardAt: now, probe: null, probedAt: null },
    ...{ isOurselves: false, isConfirmed: false },
  };
  if (!elapsed(ctx, state.twinToldAt, CHECK_PERIOD_MS)) return;
  state.twinToldAt = now;
  log(ctx, "warning", `A hello about ${master.name} bears our id and ${show(state, address)}`);
}

function probe(ctx: Context, master: Master, twin: Twin): void {
  closeProbe(ctx);
  twin.probedAt = ctx.now;
  twin.probe = newSentinel(ctx, master, ctx.state.myId, twin.address);
  twin.isOurselves = false;
  twin.probe.lastHelloSentAt = null;
  // It is looked at for this one answer, and never called down.
  twin.probe.downAfterMs = Number.MAX_SAFE_INTEGER;
  reconnect(ctx, twin.probe);
}

function closeProbe(ctx: Context): void {
  const { twin } = ctx.state;
  if (twin?.probe) leaveLink(ctx, twin.probe);
  if (twin) twin.probe = null;
}

/** What the one at the address of a twin answered to SENTINEL MYID; null: an error. */
export function hearTwin(ctx: Context, answer: string | null): void {
  const { twin, myId } = ctx.state;
  const isToldOfUs = twin?.probe?.helloRequest != null;
  closeProbe(ctx);
  if (!twin) return;
  const wasConfirmed = twin.isConfirmed;
  twin.isConfirmed = answer === myId && isToldOfUs && !twin.isOurselves;
  if (twin.isConfirmed && !wasConfirmed) log(ctx, "warning", `${twinTrouble(ctx)}`);
}

/** Another process with our id lives: we neither stand nor vote. */
export function hasTwin(ctx: Context): boolean {
  const { twin } = ctx.state;
  return twin?.isConfirmed === true && !elapsed(ctx, twin.heardAt, TWIN_LIFETIME_MS);
}

/** The sentence for the operator; null while there is no twin. */
export function twinTrouble(ctx: Context): string | null {
  const { twin, myId } = ctx.state;
  if (!twin || !hasTwin(ctx)) return null;
  const where = show(ctx.state, twin.address);
  const what = `The Sentinel at ${where} has our id, ${myId}: we neither vote nor lead`;
  return `${what}. Stop one of the two, delete the myid line of its file, and start it again`;
}

function show({ settings }: SentinelState, address: Address): string {
  return `${shownHost(settings, address)}:${address.port}`;
}
