import { namesAddress } from "../../address.ts";
import type { Context } from "../../context.ts";
import { selectReplica, unfitOnes } from "../../select-replica.ts";
import type { Master, Replica } from "../../state.ts";
import { quorumTrouble } from "../quorum.ts";
import { type AskedFor, standingTrouble } from "../start.ts";

/**
 * Why a failover that an operator asks for cannot begin: texts of error replies, in the order in which they are looked
 * for (SENTINEL FAILOVER). The first four are those of Redis and Valkey, word for word.
 */
export function obstacles(ctx: Context, master: Master, asked: AskedFor): string[] {
  const { coordinated } = asked;
  const found: (string | null)[] = [];
  if (coordinated && coordinated.method !== "fence" && !master.knowsHandingOver) {
    found.push("NOGOODPRIMARY Primary does not support FAILOVER command");
  }
  if (master.failover) found.push("INPROG Failover already in progress");
  const trouble = standingTrouble(ctx);
  if (trouble !== null) found.push(`ERR ${trouble}`);
  found.push(whyNobody(ctx, master, asked));
  if (coordinated) found.push(quorumTrouble(ctx, master));
  return found.filter((one) => one !== null);
}

function whyNobody(ctx: Context, master: Master, { target }: AskedFor): string | null {
  if (candidate(ctx, master, target)) return null;
  if (!target) return "NOGOODSLAVE No suitable replica to promote";
  return `NOGOODSLAVE ${target.name}: ${unfitOnes(ctx, master).get(target) ?? "it is not fit"}`;
}

/** Who would be promoted now. */
export function candidate(ctx: Context, master: Master, target: Replica | null): Replica | null {
  return selectReplica(ctx, master, (replica) => target !== null && replica !== target);
}

/** The replica of a master that an operator names by host and port. */
export function replicaAt(
  ctx: Context,
  { replicas }: Master,
  host: string,
  port: number,
): Replica | null {
  for (const replica of replicas.values()) {
    if (namesAddress(ctx, replica.address, host, port)) return replica;
  }
  return null;
}
