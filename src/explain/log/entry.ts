import type { FailoverRecord, FailoverResult, Note, NoteKind } from "../../base/journal-entry.ts";

/**
 * What logs tell of a failover or of another incident, as a journal has it [JOURNAL], as far as logs know: a beginning
 * is `+sdown` or the request of an operator, for nobody logs the last sign of life. Texts are byte strings.
 */
export type LogEntry = LogFailover | LogNote;

interface Logged {
  /** When it was over, or was last heard of: milliseconds since 1970. */
  readonly at: number;
  /** The Sentinels whose logs tell of it: id, else origin and file. */
  readonly seenBy: readonly string[];
}

export interface LogFailover
  extends Logged,
    Omit<FailoverRecord, "result" | "epoch" | "from" | "leader" | "votesNeeded"> {
  readonly result: FailoverResult | LogResult;
  /** Null: no log tells. */
  readonly epoch: string | null;
  readonly leader: string | null;
  readonly from: FailoverRecord["from"] | null;
  /** As `+odown` says: Sentinels that saw it down, and how many were needed. */
  readonly quorum: string | null;
}

/**
 * - `restarted`: the Sentinel that led it ended or was started anew in the middle.
 * - `unfinished`: its log ends in the middle.
 */
export type LogResult = "restarted" | "unfinished";

export interface LogNote extends Logged, Omit<Note, "kind"> {
  readonly kind: NoteKind | LogNoteKind;
}

/**
 * - `outage`: a master was down, and no failover came of it by the Sentinels whose logs these are.
 * - `start`, `stop`: of a Sentinel; `lost`: lines of its log.
 * - `returned`: an old master was made a replica; `repaired`: a replica was told whom to follow; `reboot`: a master
 *   was started anew.
 * - `leaving`: a master said that it shuts down.
 * - `name`: one was not resolved; `script`: one failed; `refused`: a failover that may not begin.
 */
type LogNoteKind =
  | "outage"
  | "start"
  | "stop"
  | "lost"
  | "returned"
  | "repaired"
  | "reboot"
  | "leaving"
  | "name"
  | "script"
  | "refused";
