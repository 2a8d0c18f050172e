import type { FailoverRecord } from "../base/journal-entry.ts";

/** How it ended and why, in a few words. */
export function outcomeOf({ kind, result, ending, reason, votes, leader }: FailoverRecord): string {
  const what = kind === "followed" ? "another Sentinel's failover followed" : kind;
  const cause = reason === null ? what : `${what} (${reason})`;
  const count = votes.filter((vote) => vote.leader === leader).length;
  const by = count === 0 ? "" : `, votes: ${count}`;
  if (result === "done") return `${cause}${by}${ending === null ? "" : `, ${ending}`}`;
  return `${cause}${by}: ${result}${ending === null ? "" : `, ${ending}`}`;
}
