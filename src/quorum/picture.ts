import { byPreference, unfitReason } from "./fitness.ts";
import type { LastFailover } from "./last-failover.ts";
import { isSame, nameOf, type Place } from "./place.ts";
import { factsOf, lagOf, type ServerFacts } from "./server-facts.ts";
import type { Asked, CachedInfo, MasterSight, PeerSight, Program, ReplicaSight } from "./sight.ts";

// What all Sentinels together tell of their masters: pure data, made of their answers.

/** One Sentinel's words about one master. */
interface Witness {
  readonly asked: Asked;
  readonly id: string | null;
  readonly program: Program;
  readonly isTilt: boolean;
  readonly saveTrouble: string | null;
  readonly hookTrouble: string | null;
  readonly sight: MasterSight;
}

export interface ServerPicture extends Place {
  readonly downMs: number | null;
  /** What the newest INFO that any Sentinel has of it tells. */
  readonly facts: ServerFacts | null;
}

export interface ReplicaPicture extends ServerPicture {
  readonly sight: ReplicaSight;
  readonly lagBytes: bigint | null;
  /** Why it would not be promoted; null: it could be. */
  readonly unfit: string | null;
  /** It is whom a failover would promote now. */
  readonly isNext: boolean;
}

export interface SentinelPicture extends Place {
  readonly id: string | null;
  readonly program: Program | null;
  /** What it told of this master; null: it was not heard. */
  readonly sight: MasterSight | null;
  /** Why it was not heard; null: it was, or it was not asked. */
  readonly error: string | null;
  /** How the other Sentinels see it: the longest time that one of them calls it down. */
  readonly downMs: number | null;
  /** Most of those that tell of it call it down. One that is cut off calls all others so. */
  readonly isDownForMost: boolean;
  /** It was asked by the address that the operator gave. */
  readonly isNamed: boolean;
  readonly isTilt: boolean;
  readonly saveTrouble: string | null;
  /** Receivers of its webhooks that take nothing, and why. */
  readonly hookTrouble: string | null;
}

export interface MasterPicture {
  readonly name: string;
  readonly place: Place;
  /** The Sentinel whose words count most: of the greatest config epoch. */
  readonly witness: Witness;
  readonly witnesses: readonly Witness[];
  readonly master: ServerPicture;
  /** In the order of their addresses. */
  readonly replicas: readonly ReplicaPicture[];
  readonly sentinels: readonly SentinelPicture[];
  /** Sentinels known to the witness, itself included; how many of them are usable; how many elect a leader. */
  readonly known: number;
  readonly usable: number;
  readonly majority: number;
  /** The newest that a Sentinel of ours tells; null: none does. */
  readonly lastFailover: LastFailover | null;
}

export interface QuorumPicture {
  readonly asked: readonly Asked[];
  readonly masters: readonly MasterPicture[];
}

/** `name`: of one master alone. */
export function pictureOf(all: readonly Asked[], name: string | null = null): QuorumPicture {
  const asked = withoutDoubles(all);
  const byName = new Map<string, Witness[]>();
  for (const witness of asked.flatMap(witnessesOf)) {
    const { sight } = witness;
    if (name !== null && sight.name !== name) continue;
    const list = byName.get(sight.name);
    if (list === undefined) byName.set(sight.name, [witness]);
    else list.push(witness);
  }
  const masters = [...byName.values()].flatMap((witnesses) => masterPicture(asked, witnesses));
  return { asked, masters: masters.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** One that was asked at two of its addresses counts once, by the address that the operator gave. */
function withoutDoubles(all: readonly Asked[]): readonly Asked[] {
  const seen = new Set<string>();
  const ordered = [...all].sort((a, b) => Number(b.isNamed) - Number(a.isNamed));
  return ordered.filter(({ told }) => {
    const id = told.ok ? told.value.id : null;
    if (id === null) return true;
    // Two processes with one id are two, and that is wrong.
    const key = `${id} ${told.ok ? told.value.process : ""}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function witnessesOf(asked: Asked): Witness[] {
  if (!asked.told.ok) return [];
  const { id, program, isTilt, saveTrouble, hookTrouble, masters } = asked.told.value;
  const itself = { asked, id, program, isTilt, saveTrouble, hookTrouble };
  return masters.map((sight) => ({ ...itself, sight }));
}

function masterPicture(asked: readonly Asked[], witnesses: readonly Witness[]): MasterPicture[] {
  const [witness] = [...witnesses].sort(byWeight(witnesses));
  if (witness === undefined) return [];
  const { sight } = witness;
  const newest = newestInfos(witnesses);
  const factsFor = (runId: string) => factsOf(newest.get(runId) ?? null);
  const masterFacts = factsFor(sight.runId);
  const known = sight.sentinels.length + 1;
  return [
    {
      ...{ name: sight.name, place: { host: sight.host, port: sight.port }, witness, witnesses },
      master: { host: sight.host, port: sight.port, downMs: sight.downMs, facts: masterFacts },
      replicas: replicaPictures(sight, factsFor, masterFacts),
      sentinels: sentinelPictures(asked, witnesses),
      ...{ known, usable: peersUp(sight) + 1, majority: Math.floor(known / 2) + 1 },
      lastFailover: newestFailover(witnesses),
    },
  ];
}

/** The greatest config epoch first, then what most of them say, then who answered the master last. */
function byWeight(all: readonly Witness[]): (a: Witness, b: Witness) => number {
  const support = ({ sight }: Witness) => all.filter((one) => isSame(one.sight, sight)).length;
  return (a, b) => {
    if (a.sight.configEpoch !== b.sight.configEpoch) {
      return a.sight.configEpoch > b.sight.configEpoch ? -1 : 1;
    }
    const difference = support(b) - support(a);
    if (difference !== 0) return difference;
    if (a.isTilt !== b.isTilt) return a.isTilt ? 1 : -1;
    // One that is cut off from the others knows what it could not do, and not what they could.
    const ups = peersUp(b.sight) - peersUp(a.sight);
    if (ups !== 0) return ups;
    // One that cannot ask everything knows less.
    return a.sight.refused.length - b.sight.refused.length;
  };
}

function peersUp({ sentinels }: MasterSight): number {
  return sentinels.filter(({ downMs }) => downMs === null).length;
}

function newestFailover(witnesses: readonly Witness[]): LastFailover | null {
  return witnesses.reduce<LastFailover | null>((newest, { sight: { lastFailover: one } }) => {
    return one !== null && one.atMs > (newest?.atMs ?? 0) ? one : newest;
  }, null);
}

function newestInfos(witnesses: readonly Witness[]): ReadonlyMap<string, CachedInfo> {
  const newest = new Map<string, CachedInfo>();
  for (const { sight } of witnesses) {
    for (const { runId, info } of [sight, ...sight.replicas]) {
      const known = newest.get(runId);
      if (info !== null && (known === undefined || info.ageMs < known.ageMs))
        newest.set(runId, info);
    }
  }
  return newest;
}

function replicaPictures(
  sight: MasterSight,
  factsFor: (runId: string) => ServerFacts | null,
  masterFacts: ServerFacts | null,
): ReplicaPicture[] {
  const known = sight.replicas.map((replica) => {
    const facts = factsFor(replica.runId);
    const unfit = unfitReason(replica, sight, facts, masterFacts);
    return { replica, facts, unfit };
  });
  const fit = known.filter(({ unfit }) => unfit === null).map(({ replica }) => replica);
  const [next] = fit.sort(byPreference);
  return known
    .map(({ replica, facts, unfit }) => {
      const { host, port, downMs } = replica;
      const lagBytes = lagOf(masterFacts, facts, replica);
      const isNext = replica === next;
      return { host, port, downMs, facts, sight: replica, lagBytes, unfit, isNext };
    })
    .sort(byPlace);
}

/** Those that were asked, and those that they name. */
function sentinelPictures(
  asked: readonly Asked[],
  witnesses: readonly Witness[],
): SentinelPicture[] {
  const peers = witnesses.flatMap(({ sight }) => sight.sentinels);
  const heard = witnesses.map((witness) => {
    const {
      asked: { place, isNamed },
      id,
      program,
      isTilt,
      saveTrouble,
      hookTrouble,
      sight,
    } = witness;
    const about = peers.filter((peer) => peer.runId === id);
    const announced = about[0] ?? place;
    const at = { host: announced.host, port: announced.port };
    return {
      ...at,
      id,
      program,
      sight,
      error: null,
      isNamed,
      isTilt,
      saveTrouble,
      hookTrouble,
      downMs: longest(about),
      isDownForMost: isDownForMost(about),
    };
  });
  const ids = new Set(heard.map(({ id }) => id));
  const places = new Set(heard.map(nameOf));
  const unheard = new Map<string, PeerSight>();
  for (const peer of peers) {
    const isHeard = ids.has(peer.runId) || (ids.has(null) && places.has(nameOf(peer)));
    if (!isHeard && !unheard.has(peer.runId)) unheard.set(peer.runId, peer);
  }
  const rows: SentinelPicture[] = [...heard];
  for (const [id, peer] of unheard) {
    const here = asked.find(({ place }) => isSame(place, peer));
    const about = peers.filter(({ runId }) => runId === id);
    const isDown = isDownForMost(about);
    rows.push({ ...unheardRow(peer, here), id, downMs: longest(about), isDownForMost: isDown });
  }
  const named = new Set(rows.map(nameOf));
  for (const one of asked) {
    if (one.isNamed && !one.told.ok && !named.has(nameOf(one.place)))
      rows.push(unheardRow(one.place, one));
  }
  return rows.sort(byPlace);
}

function unheardRow({ host, port }: Place, asked: Asked | undefined): SentinelPicture {
  const error =
    asked === undefined ? null : asked.told.ok ? "it does not watch this master" : asked.told.error;
  const nothing = { id: null, program: null, sight: null, downMs: null };
  const noTrouble = { saveTrouble: null, hookTrouble: null };
  const isNot = { isTilt: false, isDownForMost: false };
  return {
    host,
    port,
    ...nothing,
    ...noTrouble,
    ...isNot,
    error,
    isNamed: asked?.isNamed ?? false,
  };
}

function isDownForMost(about: readonly PeerSight[]): boolean {
  return 2 * about.filter(({ downMs }) => downMs !== null).length > about.length;
}

function longest(peers: readonly PeerSight[]): number | null {
  const times = peers.flatMap(({ downMs }) => downMs ?? []);
  return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b));
}

function byPlace(a: Place, b: Place): number {
  return nameOf(a).localeCompare(nameOf(b), "en", { numeric: true });
}
