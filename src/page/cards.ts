import { sizeText } from "../base/sizes.ts";
import { isSilent } from "../explain/silence.ts";
import type { Level } from "./findings.ts";
import { ageText, placeText, samePlace } from "./say.ts";
import type { Master, Peer, Replica } from "./status.ts";

/** A process in the picture. */
export interface Card {
  readonly key: string;
  readonly level: Level;
  /** Its address, or its name. */
  readonly title: string;
  /** How it is. */
  readonly state: string;
  /** What else matters of it now. */
  readonly note: string;
  /** How its line to the master is drawn. */
  readonly line: "whole" | "broken" | "waiting";
  /** It is to be the master, or would be. */
  readonly isHeir: boolean;
}

export function masterCard(master: Master): Card {
  const { version, configEpoch, downMs, clientsGoTo, isLoading, role, answeredMs } = master;
  const isQuiet = isSilent(answeredMs, master.settings.downAfterMs);
  const isLeft = !samePlace(clientsGoTo, master);
  const note = isLeft
    ? `clients go to ${placeText(clientsGoTo)}`
    : [`config epoch ${configEpoch}`, version ?? ""].filter((part) => part !== "").join(", ");
  const state =
    downMs !== null
      ? `down for ${ageText(downMs)}`
      : isLoading
        ? "loads its data"
        : role === "slave"
          ? "says it is a replica"
          : isQuiet
            ? `no answer for ${ageText(answeredMs)}`
            : "master, answers";
  const isBad = downMs !== null || role === "slave";
  const level = isBad ? "bad" : isLoading || isQuiet ? "warn" : "good";
  const title = placeText(master);
  return { key: "master", level, title, state, note, line: "whole", isHeir: false };
}

export function replicaCard(replica: Replica, master: Master): Card {
  const { failover } = master;
  const isPromoted = failover?.promoted != null && samePlace(failover.promoted, replica);
  const { level, state } = replicaState(replica, master);
  return {
    key: placeText(replica),
    level: isPromoted && level === "warn" ? "busy" : level,
    title: placeText(replica),
    state,
    note: isPromoted ? "is to be the master" : replicaNote(replica),
    line: level === "good" ? "whole" : replica.downMs === null ? "waiting" : "broken",
    isHeir: isPromoted || replica.isNext,
  };
}

function replicaState(replica: Replica, master: Master): { level: Level; state: string } {
  const { downMs, role, isSyncing, linkDownMs, isLinkUp, follows, lagBytes, infoMs } = replica;
  if (downMs !== null) return { level: "bad", state: `down for ${ageText(downMs)}` };
  if (infoMs === null) return { level: "warn", state: "nothing heard of it yet" };
  if (role === "master") return { level: "busy", state: "says it is a master" };
  if (isSyncing) return { level: "warn", state: "copies the data anew" };
  if (follows !== null && !samePlace(follows, master)) {
    return { level: "warn", state: `follows ${placeText(follows)}` };
  }
  if (!isLinkUp) {
    const since = linkDownMs === null ? "" : ` for ${ageText(linkDownMs)}`;
    return { level: "warn", state: `without its master${since}` };
  }
  const lag = lagBytes === null ? "lag not known" : `lag ${sizeText(Number(lagBytes))}`;
  return { level: "good", state: `follows, ${lag}` };
}

function replicaNote({ isNext, priority, unfitReason, version }: Replica): string {
  if (priority === 0) return "never promoted: priority 0";
  if (isNext) return "next in line";
  return unfitReason === null ? (version ?? "") : `unfit: ${unfitReason}`;
}

/** The Sentinel that is asked. */
export function ownCard({ downMs, vote, sentinels }: Master, runId: string): Card {
  return {
    key: "self",
    level: "good",
    title: "this Sentinel",
    state: downMs === null ? "says: it is up" : "says: it is down",
    note: downMs === null ? "" : voteText(vote, runId, runId, sentinels),
    line: downMs === null ? "whole" : "broken",
    isHeir: false,
  };
}

export function peerCard(peer: Peer, master: Master, own: string): Card {
  const { downMs, refusal, names, says, vote, isOurs } = peer;
  const same = { key: peer.runId, title: placeText(peer), isHeir: false };
  if (downMs !== null) {
    const state = `silent for ${ageText(downMs)}`;
    return { ...same, level: "bad", state, note: peer.trouble ?? "", line: "waiting" };
  }
  if (names !== null) {
    const note = `for ${ageText(names.forMs)}`;
    return { ...same, level: "bad", state: `names ${placeText(names)}`, note, line: "waiting" };
  }
  const voted = voteText(vote, peer.runId, own, master.sentinels);
  const note = refusal !== null ? `refuses: ${refusal}` : master.downMs === null ? "" : voted;
  const level = refusal === null ? "good" : "warn";
  // It is asked only while the master is down here.
  const isDown = master.downMs !== null && says?.isDown === true;
  const state =
    master.downMs === null
      ? "names this master"
      : says === null
        ? "was not asked yet"
        : `says: it is ${isDown ? "down" : "up"}`;
  const kind = isOurs === false && note === "" ? "Redis Sentinel" : note;
  return { ...same, level, state, note: kind, line: isDown ? "broken" : "whole" };
}

/** Whom a Sentinel voted for last. */
function voteText(
  { leader }: Master["vote"],
  voter: string,
  own: string,
  peers: readonly Peer[],
): string {
  if (leader === null) return "";
  if (leader === voter) return "voted for itself";
  if (leader === own) return "voted for this one";
  const peer = peers.find(({ runId }) => runId === leader);
  return `voted ${peer === undefined ? leader.slice(0, 8) : placeText(peer)}`;
}
