import { strictInteger } from "../../base/integers.ts";
import { error, OK, type Reply, status } from "../../base/reply.ts";
import { makeAddress } from "../address.ts";
import { type Context, save } from "../context.ts";
import { event } from "../event.ts";
import { keep } from "../extra.ts";
import { tellLostFences } from "../failover/coordinated/fences.ts";
import { removeReplica, removeSentinel } from "../instance.ts";
import { findReplica } from "../records.ts";
import type { Instance, Master } from "../state.ts";
import { bury } from "../tombstones.ts";
import { findMaster, NO_SUCH_MASTER } from "./arguments.ts";
import { type Call, type Handler, replyOnceSaved } from "./call.ts";

const USAGE = error(
  "ERR Only SENTINEL FORGET <name> REPLICA <host> <port> [FORCE] / SENTINEL <id> [FORCE] are supported.",
);
const IN_PROGRESS = error("INPROG A failover is in progress; forget when it has ended");

/**
 * One replica or Sentinel that is gone for good, without what RESET forgets besides [D-FORGET]. Saved before it is
 * answered: who counts as a Sentinel decides what a majority is.
 */
export const forget: Handler = (ctx, call) => {
  const [name, kind = "", ...words] = call.args;
  const master = findMaster(ctx, name);
  if (!master) return NO_SUCH_MASTER;
  switch (kind.toLowerCase()) {
    case "replica":
      return forgetReplica(ctx, call, master, words);
    case "sentinel":
      return forgetSentinel(ctx, call, master, words);
    default:
      return USAGE;
  }
};

function forgetReplica(
  ctx: Context,
  call: Call,
  master: Master,
  [host = "", portText = "", ...rest]: readonly string[],
): Reply | null {
  const port = strictInteger(portText);
  const isForced = force(rest);
  if (port === null || isForced === null) return USAGE;
  const address = makeAddress(ctx, host, Number(port));
  const replica = address && findReplica(master, address);
  if (!replica) return error(`NOSUCH No replica ${host}:${portText} of this master`);
  const refusal = whyNot(ctx, master, replica, isForced);
  if (refusal) return refusal;
  event(ctx, "notice", "-slave", replica, " #forgotten on request");
  bury(ctx, master, "replica", replica.name);
  removeReplica(ctx, replica);
  tellLostFences(ctx, master);
  return saveAndKeep(ctx, call, OK);
}

function forgetSentinel(
  ctx: Context,
  call: Call,
  master: Master,
  [id = "", ...rest]: readonly string[],
): Reply | null {
  const isForced = force(rest);
  if (isForced === null) return USAGE;
  const peer = master.sentinels.get(id);
  if (!peer) return error("NOSUCH No Sentinel of this id for this master");
  const refusal = whyNot(ctx, master, peer, isForced);
  if (refusal) return refusal;
  event(ctx, "notice", "-sentinel", peer, " #forgotten on request");
  bury(ctx, master, "sentinel", id);
  removeSentinel(ctx, peer);
  const all = master.sentinels.size + 1;
  const majority = Math.floor(all / 2) + 1;
  return saveAndKeep(ctx, call, status(`OK The majority is ${majority} of ${all} Sentinels now`));
}

/** True with FORCE, false without, null for anything else. */
function force(words: readonly string[]): boolean | null {
  if (words.length === 0) return false;
  return words.length === 1 && words[0]?.toLowerCase() === "force" ? true : null;
}

/** A failover has plans for everybody; and who lives comes back, so it is hardly meant. */
function whyNot(
  { now }: Context,
  master: Master,
  { link, downAfterMs }: Instance,
  isForced: boolean,
): Reply | null {
  if (master.failover) return IN_PROGRESS;
  const silentMs = now - link.lastValidPongAt;
  if (isForced || !link.command?.up || silentMs > downAfterMs) return null;
  return error(`ALIVE it answered ${(silentMs / 1_000).toFixed(1)} s ago, use FORCE`);
}

function saveAndKeep(ctx: Context, call: Call, reply: Reply): null {
  keep(ctx);
  save(ctx);
  return replyOnceSaved(ctx, call, reply);
}
