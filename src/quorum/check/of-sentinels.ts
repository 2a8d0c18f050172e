import type { MasterPicture } from "../picture.ts";
import { isSame, nameOf, type Place } from "../place.ts";
import type { Asked, SentinelSight } from "../sight.ts";
import { type CheckLimits, type Finding, finding } from "./codes.ts";

/** Clocks that differ by more are told. */
export const MAX_SKEW_MS = 2_000;

/** A certificate that is good for less is told. */
const SOON_MS = 14 * 86_400_000;

/** What is said of a certificate that ends soon; null: there is none, or it does not. */
export function expiry(leftMs: number | null): string | null {
  if (leftMs === null || leftMs > SOON_MS) return null;
  return `has a certificate that ends in ${Math.floor(leftMs / 86_400_000)} days`;
}

/** About Sentinels, whatever they watch. */
export function sentinelFindings(asked: readonly Asked[]): Finding[] {
  const heard = asked.flatMap(({ place, told }) => (told.ok ? [{ place, sight: told.value }] : []));
  return [
    ...sameIds(heard),
    ...heard.flatMap(({ place, sight }) => [
      ...(sight.isTilt
        ? [
            finding(
              "TILT",
              null,
              `Sentinel ${nameOf(place)} stood still: it watches and does nothing`,
            ),
          ]
        : []),
      ...(sight.saveTrouble === null
        ? []
        : [finding("CANNOT_VOTE", null, `Sentinel ${nameOf(place)}: ${sight.saveTrouble}`)]),
      ...(sight.hookTrouble === null
        ? []
        : [finding("WEBHOOK_DEAD", null, `Sentinel ${nameOf(place)}: ${sight.hookTrouble}`)]),
      ...certificate(place, sight),
    ]),
    ...skew(heard),
  ];
}

function certificate(place: Place, { certificateLeftMs }: SentinelSight): Finding[] {
  const expires = expiry(certificateLeftMs);
  return expires === null
    ? []
    : [finding("CERT_EXPIRES_SOON", null, `Sentinel ${nameOf(place)} ${expires}`)];
}

/** Among each other: which of the clocks is right nobody knows. */
function skew(heard: readonly Heard[]): Finding[] {
  const known = heard.flatMap(({ place, sight: { skewMs } }) =>
    skewMs === null ? [] : [{ place, skewMs }],
  );
  const [first, ...others] = known.sort((a, b) => a.skewMs - b.skewMs);
  const last = others.at(-1);
  if (first === undefined || last === undefined) return [];
  const apartMs = last.skewMs - first.skewMs;
  if (apartMs <= MAX_SKEW_MS) return [];
  const what = `the clock of Sentinel ${nameOf(last.place)} is ${(apartMs / 1_000).toFixed(1)} s ahead of that of ${nameOf(first.place)}`;
  return [finding("CLOCK_SKEW", null, what)];
}

interface Heard {
  readonly place: Place;
  readonly sight: SentinelSight;
}

function sameIds(heard: readonly Heard[]): Finding[] {
  const byId = new Map<string, Heard[]>();
  for (const one of heard) {
    const { id } = one.sight;
    if (id === null) continue;
    const others = byId.get(id) ?? [];
    // One process may be reached by two addresses.
    if (others.some(({ sight }) => sight.process === one.sight.process)) continue;
    byId.set(id, [...others, one]);
  }
  return [...byId].flatMap(([id, all]) => {
    if (all.length < 2) return [];
    const places = all.map(({ place }) => nameOf(place)).join(" and ");
    return [finding("SAME_MYID", null, `${places} have the same id ${id}`)];
  });
}

/** About the Sentinels of one master. */
export function groupFindings(picture: MasterPicture, { ghostMs }: CheckLimits): Finding[] {
  return [
    ...quorumFindings(picture),
    ...countFindings(picture),
    ...ghosts(picture, ghostMs),
    ...sharedAddresses(picture),
    ...differences(picture),
  ];
}

function quorumFindings({ name, witness, known, usable, majority }: MasterPicture): Finding[] {
  const { quorum, quorumCheck, downMs } = witness.sight;
  if (quorum > known && known === 1 && downMs !== null) {
    const what = `the quorum is ${quorum}, and it knows no other Sentinel: they find each other through the master, which it cannot ask`;
    const mend =
      "mend what keeps the Sentinels from asking the master; less of a quorum mends nothing";
    return [finding("QUORUM_ABOVE_SENTINELS", name, what, mend)];
  }
  if (quorum > known) {
    const there = known === 1 ? "there is 1 Sentinel" : `there are ${known} Sentinels`;
    const what = `the quorum is ${quorum}, and ${there}: nobody can ever agree that it is down`;
    return [finding("QUORUM_ABOVE_SENTINELS", name, what)];
  }
  const found: Finding[] = [];
  if (usable < quorum) {
    found.push(
      finding("NO_QUORUM", name, `${usable} of ${known} Sentinels usable, the quorum is ${quorum}`),
    );
  }
  if (usable < majority) {
    found.push(
      finding(
        "NO_MAJORITY",
        name,
        `${usable} of ${known} Sentinels usable, ${majority} elect a leader`,
      ),
    );
  }
  // Ours refuses for more reasons than these two.
  const isRefused = !quorumCheck.ok && quorumCheck.error.startsWith("NOQUORUM");
  if (isRefused && found.length === 0 && witness.saveTrouble === null) {
    found.push(finding("CANNOT_VOTE", name, quorumCheck.error));
  }
  return found;
}

function countFindings({ name, known }: MasterPicture): Finding[] {
  if (known === 1)
    return [finding("TWO_SENTINELS", name, "one Sentinel alone: without it nobody fails over")];
  if (known === 2)
    return [finding("TWO_SENTINELS", name, "two Sentinels: without one of them nobody fails over")];
  if (known % 2 === 1) return [];
  return [finding("EVEN_SENTINELS", name, `${known} Sentinels`)];
}

function ghosts({ name, sentinels, witnesses }: MasterPicture, ghostMs: number): Finding[] {
  return sentinels.flatMap((one) => {
    if (one.downMs === null) return [];
    const since = Math.round(one.downMs / 1_000);
    if (one.downMs < ghostMs || one.sight !== null) {
      if (!one.isDownForMost) return [];
      // Where that is another address than it announces, the announced one is wrong.
      const at = witnesses.find(({ id }) => id === one.id)?.asked.place ?? one;
      const why =
        one.sight === null ? (one.error ?? "not asked") : `it answers us at ${nameOf(at)}`;
      const what = `Sentinel ${nameOf(one)} has been down for ${since} s to the others: ${why}`;
      if (!REFUSAL.test(why)) return [finding("SENTINEL_DOWN", name, what)];
      return [finding("SENTINEL_DOWN", name, what, ONE_PASSWORD)];
    }
    const what = `Sentinel ${nameOf(one)} has been down for ${since} s, and counts in the majority`;
    return [finding("GHOST_SENTINEL", name, what)];
  });
}

/** It is there, and does not let us in; so it is with the others, if they have our password. */
const REFUSAL = /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|it refuses AUTH)/;
const ONE_PASSWORD =
  "give all Sentinels one password: requirepass, and sentinel sentinel-pass for the others";

function sharedAddresses({ name, witnesses, sentinels }: MasterPicture): Finding[] {
  const shared = new Map<string, string>();
  for (const { sight } of witnesses) {
    const byPlace = new Map<string, string>();
    for (const peer of sight.sentinels) {
      const at = nameOf(peer);
      const other = byPlace.get(at);
      // C sets the port of one whose address another one has taken to 0.
      if (peer.port === 0)
        shared.set(
          peer.runId,
          `Sentinel ${peer.runId} has lost its address ${peer.host} to another one`,
        );
      else if (other !== undefined)
        shared.set(at, `Sentinels ${other} and ${peer.runId} are both at ${at}`);
      byPlace.set(at, peer.runId);
    }
  }
  // Two that were asked are known to their peers by one address.
  const heard = sentinels.filter(({ sight, id }) => sight !== null && id !== null);
  for (const [at, one] of heard.entries()) {
    const twin = heard.slice(at + 1).find((other) => isSame(one, other) && other.id !== one.id);
    if (twin !== undefined)
      shared.set(
        nameOf(one),
        `Sentinels ${one.id} and ${twin.id} both say that they are at ${nameOf(one)}`,
      );
  }
  return [...shared.values()].map((what) => finding("SAME_ADDRESS", name, what));
}

function differences(picture: MasterPicture): Finding[] {
  const { name, witnesses } = picture;
  if (witnesses.length < 2) return [];
  const said = (of: (one: (typeof witnesses)[number]) => string | number | bigint) => {
    const words = witnesses.map((one) => `${of(one)}`);
    if (new Set(words).size < 2) return null;
    return witnesses.map((one, at) => `${nameOf(one.asked.place)} says ${words[at]}`).join(", ");
  };
  const master = said(({ sight }) => nameOf(sight));
  const epoch = said(({ sight }) => sight.configEpoch);
  const majority = said(({ sight }) => sight.sentinels.length + 1);
  const quorum = said(({ sight }) => sight.quorum);
  const downAfter = said(({ sight }) => sight.downAfterMs);
  const timeout = said(({ sight }) => sight.failoverTimeoutMs);
  const found = (code: Parameters<typeof finding>[0], what: string, words: string | null) =>
    words === null ? [] : [finding(code, name, `${what}: ${words}`)];
  return [
    ...found("MASTER_DIFFERS", "the master", master),
    ...found("EPOCH_DIFFERS", "the config epoch", epoch),
    ...found("MAJORITY_DIFFERS", "how many Sentinels there are", majority),
    ...found("QUORUM_DIFFERS", "quorum", quorum),
    ...found("DOWN_AFTER_DIFFERS", "down-after-milliseconds", downAfter),
    ...found("TIMEOUT_DIFFERS", "failover-timeout", timeout),
  ];
}
