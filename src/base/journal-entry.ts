/**
 * What a Sentinel writes down of a failover or of another incident: one line of its journal. Nothing in it is
 * secret. Texts are byte strings; spans are whole milliseconds.
 */
export type JournalEntry = Numbered & Incident;

/** One that is not written down yet. */
export type Incident = FailoverRecord | Note;

interface Numbered {
  /** Rises by one with each entry of a journal. */
  readonly id: number;
  /** When it was over: milliseconds since 1970. */
  readonly at: number;
}

/** A failover of ours that ended, whatever came of it, or that of another Sentinel, which we followed. */
export interface FailoverRecord {
  readonly type: "failover";
  /** Of the master. */
  readonly name: string;
  readonly kind: FailoverKind;
  readonly result: FailoverResult;
  /** Why it was begun; null: for what its kind says. */
  readonly reason: string | null;
  /** Why it ended as it did; null: its result says all. */
  readonly ending: string | null;
  /** The operator who asked for it; null: nobody did. */
  readonly by: Asker | null;
  /** Which attempt for this death of the master it was, from 1; those that end alike are told ever more seldom. */
  readonly attempt: number;
  /** Decimal, up to 2^63-1. */
  readonly epoch: string;
  /** The id of the Sentinel that led it, or stood for election. */
  readonly leader: string;
  readonly from: ServerPlace;
  /** The new master; of one that came to nothing, the replica that was chosen; null: none was. */
  readonly to: ServerPlace | null;
  /** From its beginning to `at`. */
  readonly tookMs: number;
  readonly phases: Phases;
  /** What we know of who voted for whom in that epoch. */
  readonly votes: readonly VoteRecord[];
  /** Votes that elect a leader. */
  readonly votesNeeded: number;
  /** The replicas, as they were when one was chosen, or when none could be. */
  readonly candidates: readonly CandidateRecord[];
  /** What the new master lacked of the last offset that was seen of the old one; null: the two do not compare. */
  readonly lacked: Lacked | null;
}

/**
 * - `down`: the master was down; `guard`: it was held for down, because it came back without its data.
 * - `forced`: SENTINEL FAILOVER; `coordinated`: with COORDINATED; `handover`: because the server shuts down.
 * - `followed`: another Sentinel led it, and its configuration was taken over.
 * - `settle`: no server changed its role, a disagreement of Sentinels was settled.
 */
export type FailoverKind =
  | "down"
  | "guard"
  | "forced"
  | "coordinated"
  | "handover"
  | "followed"
  | "settle";

/**
 * `done`, or how it was given up: as the events `-failover-abort-...` say, or
 *
 * - `master-back`: the master answered before a replica was told anything.
 * - `overtaken`: a newer configuration was heard meanwhile.
 * - `ended`: an operator reset or removed the master.
 */
export type FailoverResult =
  | "done"
  | "not-elected"
  | "no-good-slave"
  | "slave-timeout"
  | "master-timeout"
  | "master-back"
  | "overtaken"
  | "ended";

export interface Asker {
  /** Of the client's connection, as CLIENT LIST shows it. */
  readonly address: string;
  /** Of the ACL. */
  readonly user: string;
}

export interface ServerPlace {
  readonly host: string;
  readonly port: number;
}

/**
 * When each step was reached, in milliseconds since the beginning: the last sign of life of the master, or the
 * request of an operator. Null: it was not reached, or that is not known.
 */
export interface Phases {
  /** This Sentinel saw the master down, and enough Sentinels did. */
  readonly sdown: number | null;
  readonly odown: number | null;
  /** It stood for election, and was elected. */
  readonly tried: number | null;
  readonly elected: number | null;
  /** A replica was chosen, and seen to be a master: clients can write from then on. */
  readonly selected: number | null;
  readonly promoted: number | null;
  /** All other replicas follow it. */
  readonly followed: number | null;
  /** This Sentinel names the new master (`+switch-master`). */
  readonly switched: number | null;
}

export interface VoteRecord {
  /** The ids of a Sentinel and of the one that it voted for. */
  readonly sentinel: string;
  readonly leader: string;
}

export interface CandidateRecord extends ServerPlace {
  readonly verdict: "chosen" | "fit" | "unfit";
  /** Why it was not fit, or is the last resort, in the operator's words. */
  readonly reason: string | null;
}

export interface Lacked {
  readonly bytes: number;
  /** How old the sight of the old master's offset was when the new one was chosen. */
  readonly seenMs: number;
}

/** An incident that is no failover. */
export interface Note {
  readonly type: "note";
  /** Of the master; null: of the whole Sentinel. */
  readonly name: string | null;
  readonly kind: NoteKind;
  /** What began lasts until a note of the same kind says that it ended. */
  readonly result: "began" | "ended" | "done";
  readonly text: string;
  /** What ended has lasted so long. */
  readonly lastedMs: number | null;
  readonly by: Asker | null;
}

/**
 * `save`: the file cannot be written; `adopt`: a name of data that an operator vouches for; `hook`: the receiver of a
 * webhook takes nothing for a minute.
 */
export type NoteKind =
  | "tilt"
  | "pause"
  | "forget"
  | "guard"
  | "save"
  | "hook"
  | "adopt"
  | "reset"
  | "reset-epoch"
  | "monitor"
  | "remove";
