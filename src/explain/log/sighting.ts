import type {
  CandidateRecord,
  FailoverKind,
  FailoverResult,
  Phases,
  ServerPlace,
} from "../../base/journal-entry.ts";
import type { LogNote, LogResult } from "./entry.ts";
import type { EpochMs } from "./line-time.ts";

/** Whose log it is. */
export interface Source {
  readonly label: string;
  /** Null: its log did not tell so far. */
  runId: string | null;
  /** Whom it voted for, by epoch; the newest. */
  readonly votes: Map<string, string>;
}

/** The instants of a failover, under the names of its phases. */
export type Instants = { -readonly [Phase in keyof Phases]: EpochMs | null };

/** A failover in the eyes of one Sentinel: one that it led or wanted to lead, or that of another one. */
export interface Sighting {
  readonly type: "sighting";
  readonly source: Source;
  /** It stood for election or was told to do it; else it followed another one. */
  readonly isOwn: boolean;
  readonly name: string;
  /** For this outage, from 1. */
  readonly attempt: number;
  kind: FailoverKind;
  result: FailoverResult | LogResult;
  ending: string | null;
  epoch: string | null;
  leader: string | null;
  from: ServerPlace | null;
  to: ServerPlace | null;
  quorum: string | null;
  readonly beganMs: EpochMs;
  endedMs: EpochMs;
  readonly at: Instants;
  /** Whom others voted for, by their ids. */
  readonly votes: Map<string, string>;
  readonly candidates: CandidateRecord[];
}

/** An incident in the eyes of one Sentinel. */
export interface NoteSighting extends Omit<LogNote, "at" | "seenBy" | "type"> {
  readonly type: "note";
  readonly source: Source;
  readonly endedMs: EpochMs;
  /** What others say in other words has the same subject; of these the one of the greatest weight is told. */
  readonly subject: string;
  readonly weight: number;
}

/** Where they go. */
export type Sink = (seen: Sighting | NoteSighting) => void;

export const NOWHEN: Instants = {
  sdown: null,
  odown: null,
  tried: null,
  elected: null,
  selected: null,
  promoted: null,
  followed: null,
  switched: null,
};

/** Null: no port, or not a plain one. */
export function placeOf(host: string | undefined, port: string | undefined): ServerPlace | null {
  if (host === undefined || port === undefined || !/^\d{1,5}$/.test(port)) return null;
  return { host, port: Number(port) };
}

/** `10.0.0.2:6379`, as a replica is called; IPv6 has colons of its own. */
export function namedPlace(name: string): ServerPlace | null {
  const colon = name.lastIndexOf(":");
  return colon < 0 ? null : placeOf(name.slice(0, colon), name.slice(colon + 1));
}
