import { isSameServer, sameAddress } from "./address.ts";
import { type Context, log, save } from "./context.ts";
import { endFailover } from "./instance.ts";
import { leftTo } from "./other-names.ts";
import { currentAddress, findReplica, promotedSinceReconf } from "./records.ts";
import { endReign } from "./reigns.ts";
import { hostKey } from "./resolve.ts";
import type { Address, Epoch, Master, Replica } from "./state.ts";
import { reconfigScript, switchMaster } from "./switch-master.ts";

/**
 * Names for one server move together: votes are by address, so who led an epoch of one of them led it for
 * all, and two failovers would tear its replicas apart [D-NAMESAKES]. Only to a server that the other
 * name may have as its replica, and never back in epochs. One whose failover still has replicas to point at that
 * server moves on as well: it would end there alone.
 */
export function takeNamesakesAlong(ctx: Context, master: Master, from: Address, to: Address): void {
  for (const other of namesakes(ctx, master, from)) {
    if (!movesAlong(other, from, to, master.configEpoch)) continue;
    log(ctx, "warning", `${other.name} is the same server as ${master.name} and moves with it`);
    other.configEpoch = master.configEpoch;
    if (isSameServer(other.address, to)) stayAt(ctx, other);
    else {
      endReign(ctx, other);
      switchMaster(ctx, other, to);
    }
    reconfigScript(ctx, other, "observer", from, to);
  }
}

/** Whether another name would stay the master's, should this one move to that server in that epoch. */
export function isLeftBehind(ctx: Context, master: Master, to: Address, epoch: Epoch): boolean {
  const from = master.address;
  return namesakes(ctx, master, from).some((other) => !movesAlong(other, from, to, epoch));
}

function movesAlong(other: Master, from: Address, to: Address, epoch: Epoch): boolean {
  return epoch > other.configEpoch && mayHaveReplica(other, from, to);
}

/** It was on its way from there, and had not said so to all. */
function stayAt(ctx: Context, other: Master): void {
  const promoted = promotedSinceReconf(other);
  if (promoted) endReign(ctx, promoted);
  endFailover(other);
  other.configUnsaved = true;
  save(ctx);
}

/**
 * Our master is a replica of another name, and the master of that one is our replica: a group under two names, which
 * were moved apart, as by operators on both sides of a partition. Left so, each name would point the other servers at
 * its own master without end. The newer configuration is that of both. True if we moved.
 */
export function followOtherName(ctx: Context, replica: Replica): boolean {
  const { master, roleReported, address } = replica;
  const other = leftTo(ctx, replica);
  if (!other || roleReported !== "master" || master.failover || other.failover) return false;
  if (other.configEpoch <= master.configEpoch || !findReplica(other, master.address)) return false;
  log(ctx, "warning", `${master.name} is the same group as ${other.name} and joins it`);
  const from = master.address;
  master.configEpoch = other.configEpoch;
  endReign(ctx, master);
  switchMaster(ctx, master, address);
  reconfigScript(ctx, master, "observer", from, address);
  takeNamesakesAlong(ctx, master, from, address);
  return true;
}

/** One that knows no replica, as after RESET, has those of its server, unless a wrong look-up put it there. */
function mayHaveReplica(other: Master, from: Address, to: Address): boolean {
  if (findReplica(other, to) || isSameServer(other.address, to)) return true;
  return other.replicas.size === 0 && hostKey(currentAddress(other).host) === hostKey(from.host);
}

/** The other names whose master is at an address, or was promoted there. */
function namesakes({ state }: Context, master: Master, address: Address): Master[] {
  return [...state.masters.values()].filter(
    (other) => other !== master && sameAddress(currentAddress(other), address),
  );
}
