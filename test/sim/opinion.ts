import type { Reply } from "../../src/base/reply.ts";

/** A vote as another Sentinel was told of it. */
export interface ToldVote {
  readonly master: string;
  readonly epoch: bigint;
  readonly leader: string;
}

/** What a Sentinel says about a master to another one. */
export interface Opinion {
  /** Address, as it was asked for. */
  readonly master: string;
  readonly isDown: boolean;
  readonly vote: ToldVote | null;
}

/** Reads an answer to is-master-down-by-addr; null for any other. */
export function readOpinion(args: readonly string[], reply: Reply): Opinion | null {
  if (args[1]?.toLowerCase() !== "is-master-down-by-addr" || reply.type !== "array") return null;
  const [down, leader, epoch] = reply.items;
  const master = `${args[2]}:${args[3]}`;
  const isDown = down?.type === "integer" && down.value === 1;
  if (leader?.type !== "bulk" || leader.text === "*" || epoch?.type !== "integer") {
    return { master, isDown, vote: null };
  }
  return { master, isDown, vote: { master, leader: leader.text, epoch: BigInt(epoch.value) } };
}
