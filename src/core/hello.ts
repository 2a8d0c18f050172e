import { makeAddress, namesAddress, sameAddress } from "./address.ts";
import { type Context, raiseEpoch, save } from "./context.ts";
import { emit, event } from "./event.ts";
import { type HelloMessage, readHello } from "./hello-message.ts";
import type { Input } from "./input.ts";
import { createSentinel, endFailover, removeSentinel, sameSentinelElsewhere } from "./instance.ts";
import { moveInstance } from "./link.ts";
import { readyOrParked } from "./resolve.ts";
import type { Address, Master, PeerSentinel } from "./state.ts";
import { reconfigScript, switchMaster } from "./switch.ts";

/**
 * A hello, heard on the channel of an instance or sent to us by PUBLISH
 * (sentinelProcessHelloMessage). It arrives several times over; only its first hearing changes
 * anything. `input` is what carried it: kept and stepped again if a name must be resolved first.
 */
export function hearHello(ctx: Context, text: string, input: Input): void {
  const hello = readHello(text);
  const master = hello && ctx.state.masters.get(hello.masterName);
  if (!hello || !master || hello.runId === ctx.state.myId) return;
  if (!readyOrParked(ctx, [hello.host, hello.masterHost], input)) return;
  const peer = findOrCreatePeer(ctx, master, hello);
  noteEpoch(ctx, master, hello);
  if (!peer) return;
  peer.lastHelloAt = ctx.now;
  adoptConfiguration(ctx, master, peer, hello);
}

/** The next failover must be able to exceed the config epoch, whatever the sender's own epoch. */
function noteEpoch(
  ctx: Context,
  master: Master,
  { currentEpoch, configEpoch }: HelloMessage,
): void {
  const epoch = configEpoch > currentEpoch ? configEpoch : currentEpoch;
  if (raiseEpoch(ctx, epoch)) emit(ctx, "warning", "+new-epoch", `${epoch}`, master);
}

/** Null when the sender's address is unusable: nothing known of it is given up for that. */
function findOrCreatePeer(ctx: Context, master: Master, hello: HelloMessage): PeerSentinel | null {
  const known = master.sentinels.get(hello.runId);
  const address = makeAddress(ctx, hello.host, hello.port);
  if (!address || (address.ip === null && hello.port !== 0)) return known ?? null;
  if (known && sameAddress(known.address, address)) return known;
  if (known) announceMove(ctx, master, hello, known);
  else evictFromAddress(ctx, master, address);
  const peer = createSentinel(ctx, master, hello.runId, address);
  if (known) moveElsewhere(ctx, peer);
  else event(ctx, "notice", "+sentinel", peer);
  // Who counts as a voter must survive a crash: it decides what a majority is.
  save(ctx);
  return peer;
}

function announceMove(ctx: Context, master: Master, hello: HelloMessage, old: PeerSentinel): void {
  removeSentinel(ctx, old);
  const { host, port, runId } = hello;
  event(ctx, "notice", "+sentinel-address-switch", master, ` ip ${host} port ${port} for ${runId}`);
}

/** Another id at the same address: that Sentinel was reinstalled, its old id is gone everywhere. */
function evictFromAddress(ctx: Context, master: Master, address: Address): void {
  if (address.port === 0) return;
  const impostor = [...master.sentinels.values()].find((peer) =>
    sameAddress(peer.address, address),
  );
  if (!impostor) return;
  event(ctx, "notice", "+sentinel-invalid-addr", impostor);
  for (const other of sameSentinelElsewhere(ctx, impostor)) removeSentinel(ctx, other);
  removeSentinel(ctx, impostor);
}

/** The same Sentinel moved under the other masters too (sentinelUpdateSentinelAddressInAllMasters). */
function moveElsewhere(ctx: Context, peer: PeerSentinel): void {
  const others = sameSentinelElsewhere(ctx, peer);
  const stale = others.filter((other) => !sameAddress(other.address, peer.address));
  for (const other of stale) moveInstance(ctx, other, peer.address);
  if (stale.length === 0) return;
  event(
    ctx,
    "notice",
    "+sentinel-address-update",
    peer,
    ` ${stale.length} additional matching instances`,
  );
}

/**
 * A greater config epoch wins (I8). One that leaves the master where it is ends our failover too,
 * or we would name the replica we promoted under an epoch that is another Sentinel's (I6). An address that cannot be used must not consume the epoch,
 * or the right one would never be believed afterwards (algorithm.md 10.4, item 12).
 */
function adoptConfiguration(
  ctx: Context,
  master: Master,
  peer: PeerSentinel,
  hello: HelloMessage,
): void {
  if (hello.configEpoch <= master.configEpoch) return;
  if (namesAddress(ctx, master.address, hello.masterHost, hello.masterPort)) {
    master.configEpoch = hello.configEpoch;
    endFailover(master);
    master.configUnsaved = true;
    save(ctx);
    return;
  }
  const address = makeAddress(ctx, hello.masterHost, hello.masterPort);
  if (!address || address.ip === null || address.port === 0) return;
  master.configEpoch = hello.configEpoch;
  event(ctx, "warning", "+config-update-from", peer);
  const old = master.address;
  switchMaster(ctx, master, address);
  reconfigScript(ctx, master, "observer", old, address);
}
