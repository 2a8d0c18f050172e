import { mustHold } from "./broken-invariant.ts";
import type { SentinelConfig } from "./config.ts";
import { persistentConfig } from "./create-state.ts";
import { MAX_DUE_PER_TICK } from "./defaults.ts";
import type { InstanceLink } from "./link-state.ts";
import { instancesOf } from "./records.ts";
import { LOOK_AGAIN_MS } from "./schedule.ts";
import type { Address, Instance, Master, Millis, PeerSentinel, SentinelState } from "./state.ts";

// What must be true of one Sentinel's whole state between two steps, by the numbers of README.md. It costs
// what is watched, so it is looked at in tests, in the simulator and in the exploration, and never in production.

/** What is planned is done on multiples of this at the latest. */
const GRAIN_MS = 50;

/**
 * @param isAfterTick nothing that is due is left, unless one tick could not do it all
 * @throws BrokenInvariant
 */
export function checkWholeState(state: SentinelState, now: Millis, isAfterTick: boolean): void {
  checkWaiting(state);
  checkVotesOfNamesakes(state);
  checkPeers(state);
  for (const master of state.masters.values()) checkMaster(state, master, now);
  checkConnections(state);
  checkFile(persistentConfig(state));
  const { nextAt } = state.agenda;
  const isDone = !isAfterTick || nextAt === null || nextAt >= now || isCrowded(state);
  mustHold(isDone, "I14", () => `after the tick at ${now} something is due at ${nextAt}`);
}

function isCrowded({ masters }: SentinelState): boolean {
  let watched = 0;
  for (const { replicas, sentinels } of masters.values())
    watched += 1 + replicas.size + sentinels.size;
  return watched >= MAX_DUE_PER_TICK;
}

/** Who waits for a save waits for one that was asked for, and a vote that is about to be told is owed to the file. */
function checkWaiting({ isHeld, awaitingSave, unsaved, untoldVotes }: SentinelState): void {
  mustHold(isHeld || awaitingSave.length === 0, "I2", () => {
    return `${awaitingSave.length} answers wait for a save, and none is asked for`;
  });
  // One that was refused waits for whoever asks again.
  const given = untoldVotes.filter(({ isRefused }) => !isRefused);
  mustHold(unsaved || given.length === 0, "I2", () => {
    return `${given.length} votes are untold, and no save is owed`;
  });
}

/** Votes are by address: names of one server never vote for two in one epoch. */
function checkVotesOfNamesakes({ untoldVotes, masters }: SentinelState): void {
  for (const { master, candidate, epoch } of untoldVotes) {
    for (const other of masters.values()) {
      if (other.leaderEpoch !== epoch || !isAtOne(other.address, master.address)) continue;
      mustHold(other.leader === null || other.leader === candidate, "I1", () => {
        return `of one server, '${master.name}' votes for ${candidate} and '${other.name}' for ${other.leader} in epoch ${epoch}`;
      });
    }
  }
}

/** Each Sentinel is counted once, by its id, and all its records share one link. */
function checkPeers({ masters, peers }: SentinelState): void {
  let records = 0;
  for (const master of masters.values()) {
    records += master.sentinels.size;
    for (const [id, peer] of master.sentinels) {
      mustHold(
        id === peer.runId && peer.master === master,
        "I5",
        () => `${id} is another's record`,
      );
      const isListed = peers.get(id)?.has(peer) === true;
      mustHold(isListed, "I5", () => `${id} of '${master.name}' is not among all Sentinels`);
    }
  }
  let listed = 0;
  for (const [id, those] of peers) {
    listed += those.size;
    const links = new Set([...those].map(({ link }) => link));
    mustHold(links.size === 1, "I5", () => `${id} is asked on ${links.size} links`);
  }
  mustHold(records === listed, "I5", () => `${records} records of Sentinels, ${listed} listed`);
}

function checkMaster(state: SentinelState, master: Master, now: Millis): void {
  const { name, odown, sdown, isWatchedClosely, failover } = master;
  mustHold(
    sdown || !odown || state.tiltSince !== null,
    "I7",
    () => `'${name}' is ODOWN and not SDOWN`,
  );
  checkAddresses(master);
  checkSyncs(master, now);
  for (const instance of instancesOf(master)) checkInstance(instance, now);
  for (const peer of master.sentinels.values()) checkQuestion(peer);
  const isNoted = isWatchedClosely || failover === null || state.tiltSince !== null;
  mustHold(isNoted, "I14", () => `'${name}' fails over and is not watched closely`);
}

/** Every server stands once in it; a name may have come to mean another machine, a number not. */
function checkAddresses(master: Master): void {
  const known = new Set<string>();
  for (const { address } of [master, ...master.replicas.values()]) {
    if (address.ip === null || address.ip !== address.host) continue;
    const key = `${address.ip}:${address.port}`;
    mustHold(!known.has(key), "I9", () => `'${master.name}' knows ${key} twice`);
    known.add(key);
  }
}

/**
 * Nobody is told while so many sync. More may do so after SENTINEL SET. The last of them are told when the time is
 * over, in the step that ends the failover.
 */
function checkSyncs(master: Master, now: Millis): void {
  const { name, failover, settings, replicas } = master;
  if (failover?.step !== "reconf_slaves") return;
  const busy = [...replicas.values()].filter(
    ({ reconf }) => reconf === "sent" || reconf === "inprog",
  );
  const isAllowed =
    busy.length <= settings.parallelSyncs || busy.every((one) => one.reconfSentAt !== now);
  mustHold(isAllowed, "I12", () => `${busy.length} replicas of '${name}' sync at once`);
}

/** Time alone leads out of every state: somebody looks at it within a second. */
function checkInstance(instance: Instance, now: Millis): void {
  const { dueAt, link, sdown, sdownSince } = instance;
  const what = () => `${instance.kind} ${instance.address.host}:${instance.address.port}`;
  const isPlanned = dueAt !== null && dueAt <= now + LOOK_AGAIN_MS + GRAIN_MS;
  mustHold(isPlanned, "I14", () => `${what()} is looked at at ${dueAt}, and it is ${now}`);
  mustHold(link.owners.has(instance), "I14", () => `${what()} does not own its link`);
  mustHold(!sdown || sdownSince !== null, "I14", () => `${what()} is down since never`);
}

/** A question is about the master that its Sentinel's record is about. */
function checkQuestion({ asked, link, master, runId }: PeerSentinel): void {
  const request = asked === null ? undefined : link.pending.get(asked.request);
  const isOwn =
    request === undefined || request.owner.kind !== "sentinel" || request.owner.master === master;
  mustHold(isOwn, "I13", () => `the question to ${runId} about '${master.name}' is another's`);
}

/** Each connection is known by its number to the link that has it, and no other is. */
function checkConnections(state: SentinelState): void {
  const links = new Set<InstanceLink>();
  for (const master of state.masters.values()) {
    for (const { link } of instancesOf(master)) links.add(link);
  }
  if (state.twin?.probe) links.add(state.twin.probe.link);
  let open = 0;
  for (const link of links) {
    for (const purpose of ["command", "pubsub", "aside"] as const) {
      const connection = link[purpose];
      if (connection === null) continue;
      open++;
      const known = state.connections.get(connection.id);
      mustHold(known?.link === link, "I14", () => `connection ${connection.id} is unknown`);
    }
  }
  const all = state.connections.size;
  mustHold(open === all, "I14", () => `${all} connections are known, and links have ${open}`);
}

/** The file lists no master as its own replica, so a restart makes no server follow itself. */
export function checkFile({ masters }: SentinelConfig): void {
  for (const { name, host, port, replicas } of masters) {
    const isItself = replicas.some((one) => one.host === host && one.port === port);
    mustHold(
      !isItself,
      "I9",
      () => `the file would list ${host}:${port} as a replica of '${name}'`,
    );
  }
}

function isAtOne(one: Address, other: Address): boolean {
  return one.ip !== null && one.ip === other.ip && one.port === other.port;
}
