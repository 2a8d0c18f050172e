import { isSilent } from "../explain/silence.ts";
import { ageText, count, placeText, samePlace } from "./say.ts";
import type { Master, Peer, Replica, Sentinel } from "./status.ts";

/** From the worst: nobody can write or a failover could not help; it is being mended; it could be worse soon. */
export const LEVELS = ["bad", "busy", "warn", "good"] as const;
export type Level = (typeof LEVELS)[number];

/** Something that is wrong, in one sentence; and why, or what to do. */
export interface Finding {
  readonly level: Level;
  readonly what: string;
  readonly more?: string;
}

/** The worst first. */
export function findingsOf(master: Master): Finding[] {
  const all = [
    ...ofDown(master),
    ...ofFailover(master),
    ...ofQuorum(master),
    ...ofRole(master),
    ...ofReplicas(master),
    ...ofPeers(master),
    ...ofPause(master),
  ];
  return all.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

/** What is wrong with the Sentinel that is asked, which concerns all its masters. */
export function ownFindings({ tilt, save, standingTrouble, webhooks }: Sentinel): Finding[] {
  const found: Finding[] = [];
  if (save.failedMs !== null) {
    const more = "Free the disk or mend the rights of its folder. Its log has the reason.";
    const what = `This Sentinel cannot write its file, for ${ageText(save.failedMs)}: it gives no votes.`;
    found.push({ level: "bad", what, more });
  }
  if (tilt.forMs !== null) {
    const what = `This Sentinel stood still or its clock jumped, ${ageText(tilt.forMs)} ago: it only watches.`;
    found.push({ level: "bad", what, more: "It acts again 30 s after that." });
  }
  if (found.length === 0 && standingTrouble !== null) {
    found.push({ level: "warn", what: `This Sentinel stands in no election: ${standingTrouble}` });
  }
  // Whom they were for hears of none of this.
  for (const { name, deadMs, trouble } of webhooks) {
    if (deadMs === null) continue;
    const what = `Webhook ${name} has taken no events for ${ageText(deadMs)}.`;
    found.push({
      level: "warn",
      what,
      ...(trouble === null ? {} : { more: `Last error: ${trouble}` }),
    });
  }
  return found;
}

function ofDown(master: Master): Finding[] {
  const { downMs, objectivelyDownMs, failover, quorum, sentinels, trouble } = master;
  if (downMs === null) {
    if (master.isLoading) {
      return [{ level: "warn", what: "The master loads its data, and serves nobody yet." }];
    }
    return ofSilence(master);
  }
  const since = ageText(downMs);
  const more = trouble === null ? {} : { more: `Last error: ${trouble}` };
  if (objectivelyDownMs !== null) {
    const what = `The master is down for enough Sentinels, for ${since}.`;
    return [{ level: failover === null ? "bad" : "busy", what, ...more }];
  }
  const agreeing = 1 + sentinels.filter(({ says }) => says?.isDown === true).length;
  const what = `The master is down for ${agreeing} of ${count(quorum.needed, "Sentinel")} that must agree, for ${since}.`;
  return [{ level: "bad", what, ...more }];
}

/** Its clients may have been waiting for as long, and it counts as up. */
function ofSilence({ answeredMs, settings: { downAfterMs } }: Master): Finding[] {
  if (!isSilent(answeredMs, downAfterMs)) return [];
  const what = `The master has not answered for ${ageText(answeredMs)}.`;
  return [{ level: "warn", what, more: `It counts as down at ${ageText(downAfterMs)}.` }];
}

const STEPS: Readonly<Record<string, string>> = {
  wait_start: "this Sentinel waits for votes",
  select_slave: "this Sentinel chooses the replica",
  send_slaveof_noone: "the replica is told to be the master",
  wait_promotion: "waiting until the replica says that it is a master",
  reconf_slaves: "the other replicas are told whom to follow",
  update_config: "clients are being sent to the new master",
};

/** What a failover does just now. */
export function stepText(step: string): string {
  return STEPS[step] ?? step;
}

function ofFailover({ failover, replicas }: Master): Finding[] {
  if (failover === null) return [];
  const { step, stepMs, isWaitingForReplica, isCoordinated } = failover;
  if (isWaitingForReplica) {
    const what = `A failover waits until a replica is fit, for ${ageText(stepMs)}.`;
    return [{ level: "bad", what, more: reasonsOf(replicas) }];
  }
  const kind = isCoordinated ? "A planned switch runs" : "A failover runs";
  return [{ level: "busy", what: `${kind}: ${stepText(step)}, for ${ageText(stepMs)}.` }];
}

/** Why each of them could not be promoted. */
function reasonsOf(replicas: readonly Replica[]): string {
  return replicas.map((one) => `${placeText(one)}: ${one.unfitReason}.`).join(" ");
}

function ofQuorum({ quorum, sentinels }: Master): Finding[] {
  const { usable, majority, needed, lacks } = quorum;
  const known = sentinels.length + 1;
  if (lacks.length > 0) {
    const counts = `${usable} of ${count(known, "Sentinel")} can vote, ${Math.max(majority, needed)} must.`;
    const more = `${counts} ${lacks.join(". ")}.`;
    return [{ level: "bad", what: "An election could not be won now.", more }];
  }
  if (known >= 3) return [];
  const what = known === 1 ? "This is the only Sentinel." : "There are only two Sentinels.";
  return [{ level: "warn", what, more: "If one is lost, nobody can fail over. Have three." }];
}

function ofRole({ role, downMs, failover }: Master): Finding[] {
  if (role !== "slave" || downMs !== null || failover !== null) return [];
  return [
    { level: "bad", what: "The server that counts as the master says that it is a replica." },
  ];
}

function ofReplicas(master: Master): Finding[] {
  const { replicas, failover } = master;
  if (replicas.length === 0) {
    return [{ level: "warn", what: "It has no replica: nobody could take its place." }];
  }
  const isAnyFit = replicas.some(({ unfitReason }) => unfitReason === null);
  if (!isAnyFit && failover?.isWaitingForReplica === true) return [];
  if (!isAnyFit && failover === null) {
    const what = "No replica could take its place now.";
    return [{ level: "bad", what, more: reasonsOf(replicas) }];
  }
  return replicas.flatMap((replica) => ofReplica(replica, master) ?? []);
}

/** A priority of 0 is a choice, and not told as a trouble. */
function ofReplica(replica: Replica, master: Master): Finding | null {
  const { downMs, trouble, follows, linkDownMs, isSyncing, unfitReason, priority } = replica;
  const who = `Replica ${placeText(replica)}`;
  const more = trouble === null ? {} : { more: `Last error: ${trouble}` };
  if (downMs !== null) {
    return { level: "warn", what: `${who} is down, for ${ageText(downMs)}.`, ...more };
  }
  // While the master changes, nobody's links are as they should be.
  if (master.failover !== null || master.downMs !== null) return null;
  if (follows !== null && !samePlace(follows, master)) {
    return { level: "warn", what: `${who} follows ${placeText(follows)}, not the master.` };
  }
  if (isSyncing) return { level: "warn", what: `${who} copies the master's data anew.` };
  if (linkDownMs !== null) {
    return { level: "warn", what: `${who} has lost the master, for ${ageText(linkDownMs)}.` };
  }
  if (unfitReason === null || priority === 0) return null;
  return { level: "warn", what: `${who} could not take its place: ${unfitReason}.` };
}

function ofPeers({ sentinels, failover }: Master): Finding[] {
  return sentinels.flatMap((peer) => ofPeer(peer, failover !== null) ?? []);
}

function ofPeer(peer: Peer, isFailingOver: boolean): Finding | null {
  const { names, downMs, trouble, refusal } = peer;
  const who = `Sentinel ${placeText(peer)}`;
  const more = trouble === null ? {} : { more: `Last error: ${trouble}` };
  if (downMs !== null) {
    return { level: "warn", what: `${who} is down, for ${ageText(downMs)}.`, ...more };
  }
  if (names !== null && !isFailingOver) {
    const what = `${who} names another master, for ${ageText(names.forMs)}: ${placeText(names)}.`;
    return { level: "bad", what };
  }
  if (refusal === null) return null;
  return { level: "warn", what: `${who} refuses what it is asked.`, more: refusal };
}

function ofPause({ pause }: Master): Finding[] {
  if (pause === null) return [];
  const { leftMs, reason } = pause;
  const what = `It is paused for another ${ageText(leftMs)}: this Sentinel does not fail it over.`;
  return [{ level: "warn", what, ...(reason === "" ? {} : { more: `Reason: ${reason}` }) }];
}
