import { makeAddress, namesAddress, sameAddress } from "./address.ts";
import { isLoopbackOfAnother, unreachedOf } from "./complaints.ts";
import { type Context, save } from "./context.ts";
import { MAX_UNREACHED_SENTINELS } from "./defaults.ts";
import { hearEpoch, hearPeerEpoch } from "./epoch.ts";
import { event } from "./event.ts";
import { type HelloMessage, readHello } from "./hello-message.ts";
import type { Input } from "./input.ts";
import { createSentinel, endFailover, removeSentinel, sameSentinelElsewhere } from "./instance.ts";
import { moveInstance } from "./link.ts";
import { takeNamesakesAlong } from "./namesakes.ts";
import { currentAddress, promotedSinceReconf } from "./records.ts";
import { endReign } from "./reigns.ts";
import { hostKey, readyOrParked } from "./resolve.ts";
import { askReturned, hasAgreed } from "./returning.ts";
import { noteDissent } from "./settle.ts";
import type { Address, Master, PeerSentinel } from "./state.ts";
import { reconfigScript, switchMaster } from "./switch-master.ts";
import { chooseMoment } from "./tell.ts";
import { isSentinelBuried } from "./tombstones.ts";
import { hearOwnId } from "./twin.ts";

/**
 * A hello, heard on the channel of an instance or sent to us by PUBLISH
 * (sentinelProcessHelloMessage). It arrives several times over; only its first hearing changes
 * anything. `input` is what carried it: kept and stepped again if a name must be resolved first. On a
 * channel only those count that are about the master (`of`) of the server: Sentinels publish no others there, so
 * that who may publish on the servers of one master has no say about another's [D-HELLO-SCOPE]. Null:
 * a PUBLISH to us.
 */
export function hearHello(ctx: Context, text: string, input: Input, of: Master | null): void {
  const hello = readHello(text);
  const master = hello && ctx.state.masters.get(hello.masterName);
  if (!hello || !master || (of !== null && of !== master)) return;
  if (hello.runId === ctx.state.myId) return hearOwnId(ctx, hello, input);
  if (!readyOrParked(ctx, [hello.host, hello.masterHost], input)) return;
  const peer = findOrCreatePeer(ctx, master, hello);
  const { currentEpoch, configEpoch, runId } = hello;
  // The next failover must be able to exceed the config epoch, whatever the sender's own epoch.
  const isBelieved = hearEpoch(ctx, master, configEpoch, `Sentinel ${runId}`);
  if (!peer) return;
  peer.lastHelloAt = ctx.now;
  peer.saidConfigEpoch = configEpoch;
  hearPeerEpoch(ctx, peer, configEpoch > currentEpoch ? configEpoch : currentEpoch);
  if (!isBelieved) return;
  adoptConfiguration(ctx, master, peer, hello);
}

/** Null when the sender's address is unusable: nothing known of it is given up for that. */
function findOrCreatePeer(ctx: Context, master: Master, hello: HelloMessage): PeerSentinel | null {
  const known = master.sentinels.get(hello.runId);
  if (known?.address.host === hello.host && known.address.port === hello.port) return known;
  const address = makeAddress(ctx, hello.host, hello.port);
  if (!address || address.ip === null || hello.port === 0) return known ?? null;
  if (known && sameAddress(known.address, address)) return known;
  if (!known && (isCrowded(master) || isSentinelBuried(ctx, master, hello.runId))) return null;
  if (known) announceMove(ctx, master, hello, known);
  else evictFromAddress(ctx, master, address);
  const peer = createSentinel(ctx, master, hello.runId, address);
  peer.heardAt = known ? known.heardAt : ctx.now;
  if (known) moveElsewhere(ctx, peer);
  else event(ctx, "notice", "+sentinel", peer);
  // Who counts as a voter must survive a crash: it decides what a majority is.
  save(ctx);
  return peer;
}

/** Too many are known by their hellos alone: whoever comes now may be made up as well [D-UNREACHED]. */
function isCrowded(master: Master): boolean {
  if (master.sentinels.size < MAX_UNREACHED_SENTINELS) return false;
  return unreachedOf(master).length >= MAX_UNREACHED_SENTINELS;
}

function announceMove(ctx: Context, master: Master, hello: HelloMessage, old: PeerSentinel): void {
  removeSentinel(ctx, old);
  const { host, port, runId } = hello;
  event(ctx, "notice", "+sentinel-address-switch", master, ` ip ${host} port ${port} for ${runId}`);
}

/** Another id at the same address: that Sentinel was reinstalled, its old id is gone everywhere. */
function evictFromAddress(ctx: Context, master: Master, address: Address): void {
  const impostor = [...master.sentinels.values()].find((peer) =>
    sameAddress(peer.address, address),
  );
  if (!impostor) return;
  event(ctx, "notice", "+sentinel-invalid-addr", impostor);
  for (const other of sameSentinelElsewhere(ctx, impostor)) removeSentinel(ctx, other);
  removeSentinel(ctx, impostor);
}

/**
 * The same Sentinel moved under the other masters too (sentinelUpdateSentinelAddressInAllMasters)
 * [HELLO-PEER].
 */
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
 * A greater config epoch wins [CONFIG-GREATER] [I8]. One that leaves the master where it is ends our
 * failover too [D-SAME-MASTER],
 * or we would name the replica we promoted under an epoch that is another Sentinel's [I6]. An address
 * that cannot be used must not consume the epoch,
 * or the right one would never be believed afterwards [D-HELLO-CHECKED].
 */
function adoptConfiguration(
  ctx: Context,
  master: Master,
  peer: PeerSentinel,
  hello: HelloMessage,
): void {
  if (hello.configEpoch <= master.configEpoch) {
    const named = makeAddress(ctx, hello.masterHost, hello.masterPort);
    if (named) isLoopbackOfAnother(ctx, peer, named);
    noteAgreement(ctx, peer, hello);
    return noteDissent(ctx, peer, hello, named);
  }
  peer.dissent = null;
  peer.agreed = null;
  const isSame = namesAddress(ctx, master.address, hello.masterHost, hello.masterPort);
  if (isSame && !isNameOfReplica(master, hello)) {
    master.configEpoch = hello.configEpoch;
    endFailover(master);
    // Our vote has led to what it was given for, and bars us from nothing any more.
    if (master.leaderEpoch <= hello.configEpoch) master.attemptAt = null;
    master.configUnsaved = true;
    save(ctx);
    return noteAgreement(ctx, peer, hello);
  }
  const address = makeAddress(ctx, hello.masterHost, hello.masterPort);
  if (!address || address.ip === null || address.port === 0) return;
  if (isLoopbackOfAnother(ctx, peer, address)) return;
  master.configEpoch = hello.configEpoch;
  event(ctx, "warning", "+config-update-from", peer);
  chooseMoment(ctx, master);
  const old = master.address;
  endReign(ctx, promotedSinceReconf(master) ?? master);
  endReign(ctx, master);
  switchMaster(ctx, master, address);
  noteAgreement(ctx, peer, hello);
  // The others learn that we follow, too: with a majority that does, an old master is told what it is.
  for (const one of master.sentinels.values()) one.lastHelloSentAt = null;
  reconfigScript(ctx, master, "observer", old, address);
  takeNamesakesAlong(ctx, master, old, address);
}

/** Another server of ours by its name, though a name server took both for one address [D-NAMES]. */
function isNameOfReplica({ address, replicas }: Master, hello: HelloMessage): boolean {
  const named = hostKey(hello.masterHost);
  if (named === hostKey(address.host)) return false;
  return [...replicas.values()].some(
    (replica) =>
      replica.address.port === hello.masterPort && hostKey(replica.address.host) === named,
  );
}

/** Whether this hello names our master, under our config epoch; what an earlier one said is over. */
function noteAgreement(ctx: Context, peer: PeerSentinel, hello: HelloMessage): void {
  const { master } = peer;
  const { configEpoch, masterHost, masterPort } = hello;
  const isOurs =
    configEpoch === master.configEpoch &&
    namesAddress(ctx, currentAddress(master), masterHost, masterPort);
  const isNews = isOurs && !hasAgreed(ctx, peer);
  peer.agreed = isOurs ? { configEpoch, at: ctx.now } : null;
  if (isNews) askReturned(ctx, master);
}
