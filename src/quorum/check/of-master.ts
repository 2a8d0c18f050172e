import { parseIp } from "../../core/ip.ts";
import {
  answersWithErrors,
  hasLostMaster,
  isForeign,
  saysItIsReplica,
  silentFor,
} from "../fitness.ts";
import { priorityBefore } from "../last-priority.ts";
import { pausedText } from "../paused.ts";
import type { MasterPicture, ReplicaPicture, ServerPicture } from "../picture.ts";
import { nameOf, type Place } from "../place.ts";
import { type CheckLimits, type Finding, finding } from "./codes.ts";

/** With a shorter one a C Sentinel may take the new master for down [D-TELL-C]; beside ours less will do. */
const LEAST_DOWN_AFTER_MS = { mixed: 700, cAlone: 1_200 };

/** About a master and its replicas, by what the Sentinels tell. */
export function masterFindings(picture: MasterPicture, limits: CheckLimits): Finding[] {
  return [
    ...stateFindings(picture),
    ...loopback(picture),
    ...names(picture),
    ...shortDownAfter(picture),
    ...persistence(picture),
    ...replicaFindings(picture, limits),
  ];
}

function stateFindings(picture: MasterPicture): Finding[] {
  const {
    name,
    place,
    witness: { sight },
    witnesses,
  } = picture;
  const found: Finding[] = [];
  if (sight.objectivelyDownMs !== null || sight.downMs !== null) {
    const since = Math.round((sight.downMs ?? sight.objectivelyDownMs ?? 0) / 1_000);
    const what = `${nameOf(place)} has been down for ${since} s`;
    const why = ", and answers PING with errors: a wrong auth-pass, or a script that runs for long";
    const mend =
      "SENTINEL SET name auth-pass on each Sentinel, if it wants a password; SCRIPT KILL on it, if it is BUSY";
    const one = answersWithErrors(sight)
      ? finding("MASTER_DOWN", name, what + why, mend)
      : finding("MASTER_DOWN", name, what);
    found.push(one);
  }
  const silentMs = silentFor(witnesses.map((one) => one.sight));
  if (silentMs !== null) {
    const [since, limit] = [silentMs, sight.downAfterMs].map((ms) => Math.round(ms / 1_000));
    const what = `${nameOf(place)} has not answered any Sentinel for ${since} s, and is down at ${limit} s`;
    found.push(finding("MASTER_SILENT", name, what));
  }
  if (saysItIsReplica(sight)) {
    const since = Math.round(sight.roleMs / 1_000);
    const what = `${nameOf(place)} has said for ${since} s that it is a replica: who writes there is refused`;
    found.push(finding("MASTER_IS_REPLICA", name, what));
  }
  const paused = pausedText(picture);
  if (paused !== null) found.push(finding("PAUSED", name, `no failover ${paused}`));
  return found;
}

/** On one host all may be there; it is wrong once somebody else is elsewhere. */
function loopback(picture: MasterPicture): Finding[] {
  const { name, place, replicas, sentinels, witnesses } = picture;
  if (!isLoopback(place.host)) return [];
  const asked = witnesses.map((one) => one.asked.place);
  const others: Place[] = [...replicas, ...sentinels, ...asked];
  const elsewhere = others.find(({ host }) => host !== "" && !isLoopback(host));
  if (elsewhere === undefined) return [];
  const what = `its address is ${nameOf(place)}, which means another machine at ${nameOf(elsewhere)}`;
  return [finding("MASTER_IS_LOOPBACK", name, what)];
}

function isLoopback(host: string): boolean {
  const ip = parseIp(host);
  return ip === null ? host.toLowerCase() === "localhost" : ip === "::1" || ip.startsWith("127.");
}

function names({ name, place, replicas, sentinels }: MasterPicture): Finding[] {
  const all: (Place & { what: string })[] = [
    { ...place, what: "the master" },
    ...replicas.map(({ host, port }) => ({ host, port, what: "a replica" })),
    ...sentinels.map(({ host, port }) => ({ host, port, what: "a Sentinel" })),
  ];
  const unresolved = all.filter(({ host }) => host === "");
  const isName = ({ host }: Place) => host !== "" && parseIp(host) === null;
  const byName = all.filter(isName);
  const byAddress = all.filter((one) => one.host !== "" && !isName(one));
  const found = unresolved.map(({ what, port }) =>
    finding("NAME_UNRESOLVED", name, `the name of ${what} with port ${port} has no address`),
  );
  const [named, numeric] = [byName[0], byAddress[0]];
  if (named !== undefined && numeric !== undefined) {
    const what = `${named.what} is known as ${nameOf(named)}, ${numeric.what} as ${nameOf(numeric)}`;
    found.push(finding("HOSTNAMES_MIXED", name, what));
  }
  return found;
}

/** Names of servers and Sentinels that whoever looks may look up, too. */
export function hostNames({ place, replicas, sentinels }: MasterPicture): string[] {
  const hosts = [place, ...replicas, ...sentinels].map(({ host }) => host);
  return [...new Set(hosts)].filter((host) => host !== "" && parseIp(host) === null);
}

function shortDownAfter({ name, witnesses, witness: { sight } }: MasterPicture): Finding[] {
  const ofC = witnesses.filter(({ program }) => !program.isOurs).length;
  if (ofC === 0) return [];
  const leastMs = ofC < witnesses.length ? LEAST_DOWN_AFTER_MS.mixed : LEAST_DOWN_AFTER_MS.cAlone;
  if (sight.downAfterMs >= leastMs) return [];
  const what = `down-after-milliseconds is ${sight.downAfterMs}, with ${ofC} C Sentinels`;
  return [finding("SHORT_DOWN_AFTER_WITH_C", name, what)];
}

/** What INFO tells of the disk, under the names that it has there. */
const DISK_FIELDS = {
  rdb_last_bgsave_status: "its last snapshot failed",
  aof_last_bgrewrite_status: "its last rewrite of the AOF failed",
  aof_last_write_status: "it cannot write its AOF",
} as const;

function persistence({ name, master, replicas }: MasterPicture): Finding[] {
  return [master, ...replicas].flatMap((server) =>
    Object.entries(DISK_FIELDS)
      .filter(([field]) => server.downMs === null && server.facts?.fields.get(field) === "err")
      .map(([, what]) => finding("PERSISTENCE_FAILS", name, `${nameOf(server)}: ${what}`)),
  );
}

function replicaFindings(picture: MasterPicture, limits: CheckLimits): Finding[] {
  const {
    name,
    replicas,
    witness: { sight },
  } = picture;
  const found = replicas.flatMap((one) => ofReplica(picture, one, limits));
  // While one is promoted nobody else is fit, and that is no news.
  if (sight.failoverState !== null) return found;
  if (!replicas.some(({ unfit }) => unfit === null)) {
    const each = replicas.map((one) => `${nameOf(one)}: ${one.unfit}`).join("; ");
    found.unshift(finding("NO_FIT_REPLICA", name, each === "" ? "it has no replica" : each));
  }
  if (replicas.length > 0 && replicas.every((one) => one.sight.priority === 0)) {
    const who =
      replicas.length === 1 ? "its only replica has" : `all ${replicas.length} replicas have`;
    found.push(finding("ALL_PRIORITY_0", name, `${who} priority 0`));
  }
  return found;
}

function ofReplica(picture: MasterPicture, one: ReplicaPicture, limits: CheckLimits): Finding[] {
  const { name, master, witness } = picture;
  const { downMs, lagBytes, facts, sight } = one;
  const found: Finding[] = [];
  if (downMs !== null) {
    const code = downMs >= limits.ghostMs ? "GHOST_REPLICA" : "REPLICA_DOWN";
    const what = `replica ${nameOf(one)} has been down for ${Math.round(downMs / 1_000)} s`;
    found.push(finding(code, name, `${what}${whyDown(one, downMs, master)}`));
  }
  const before = priorityBefore(sight.priority);
  if (before !== sight.priority) {
    const what = `replica ${nameOf(one)} has priority ${sight.priority}, and had ${before} before a switch by hand`;
    found.push(finding("PRIORITY_LEFT", name, what));
  }
  if (hasLostMaster(sight, witness.sight)) {
    // None if it never had one.
    const since = sight.linkDownMs > 0 ? `, for ${Math.round(sight.linkDownMs / 1_000)} s` : "";
    const what = `replica ${nameOf(one)} has no link to its master${since}`;
    found.push(finding("REPLICA_LINK_DOWN", name, what));
  }
  if (lagBytes !== null && lagBytes >= limits.lagBytes && downMs === null) {
    found.push(finding("LAG", name, `replica ${nameOf(one)} lacks ${lagBytes} bytes`));
  }
  const history = facts?.report.history ?? null;
  if (
    isForeign(history, master.facts?.report.history ?? null) &&
    facts?.report.masterLinkUp !== true
  ) {
    const what = `replica ${nameOf(one)} holds history ${history?.id.slice(0, 6)}, its master ${master.facts?.report.history?.id.slice(0, 6)}`;
    // Ours leave a server of others alone.
    const isTold = picture.witnesses.some(({ program }) => !program.isOurs);
    const byC = isTold ? "; C Sentinels tell it to follow, whosever it is" : "";
    found.push(finding("FOREIGN_HISTORY", name, `${what}${byC}`));
  }
  const older = olderThan(one, master);
  if (older !== null) found.push(finding("VERSION_OLDER_THAN_MASTER", name, older));
  return found;
}

/** What tells one that is dead from one that Sentinels do not reach, or may not ask. */
function whyDown(one: ReplicaPicture, downMs: number, { facts }: ServerPicture): string {
  if (answersWithErrors(one.sight)) return ", and answers PING with errors: a wrong auth-pass?";
  const isOnline = facts !== null && facts.ageMs < downMs && facts.confirmed.has(nameOf(one));
  return isOnline
    ? ", and its master has it: it hangs, or Sentinels cannot reach this address"
    : "";
}

/** The format of snapshots changes with the second number at most; Valkey and Redis count apart. */
function olderThan(replica: ReplicaPicture, master: ServerPicture): string | null {
  const [own, others] = [release(replica), release(master)];
  if (own === null || others === null || own.make !== others.make) return null;
  if (own.number >= others.number) return null;
  return `replica ${nameOf(replica)} is ${replica.facts?.version}, its master ${master.facts?.version}`;
}

function release({ facts }: ServerPicture): { make: string; number: number } | null {
  const [, make = "", major, minor] = /^(?:(\w+) )?(\d+)\.(\d+)/.exec(facts?.version ?? "") ?? [];
  if (major === undefined || minor === undefined) return null;
  return { make, number: Number(major) * 1_000 + Number(minor) };
}
