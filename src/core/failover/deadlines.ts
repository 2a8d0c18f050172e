import type { Context } from "../context.ts";
import { elapsedAt, NEVER } from "../deadline.ts";
import {
  ASK_FAILED_AGAIN_MS,
  FORCED_EPOCHS_MS,
  FORCED_VOTES_MS,
  LOST_ORDER_WAIT_MS,
  MASTER_DIAL_WAIT_MS,
  REDIAL_MS,
  RETURN_WAIT_MS,
  SELECTION_INFO_WAIT_MS,
  SETTLE_RETRY_MS,
  SILENT_VOTERS_MS,
  SLOW_INFO_WAIT_MS,
  STRAY_PATIENCE_MS,
} from "../defaults.ts";
import type { RoleOrder } from "../order-state.ts";
import type { Failover, Master, Millis, Replica } from "../state.ts";
import { handOverWaits, oldMasterGoneAt, promotionWaits } from "./coordinated/deadlines.ts";

// How long each step of a failover waits, and for what. It ends in bounded time [I14].

/** wait_start: all that it may wait for, in the past or to come. */
export function electionWaits(ctx: Context, master: Master, failover: Failover): readonly Millis[] {
  const settling = failover.settles ? [settlingEndsAt(failover)] : [];
  return [electionEndsAt(ctx, master), silentVotersEndAt(failover), ...settling];
}

/** send_slaveof_noone: likewise. */
export function orderWaits(_: Context, master: Master, failover: Failover): readonly Millis[] {
  return [slowAt(master, failover), ...handOverWaits(failover)];
}

/** wait_promotion: likewise. */
export function promotedWaits(_: Context, master: Master, failover: Failover): readonly Millis[] {
  const order = failover.promoted?.order;
  const ofOrder = order ? [orderLostAt(order)] : [];
  const ofEpoch = failover.forced ? [votesToldAt(failover), epochsOverAt(failover)] : [];
  return [slowAt(master, failover), ...ofOrder, ...ofEpoch, ...promotionWaits(master, failover)];
}

/** reconf_slaves: likewise. */
export function followersWaits(
  ctx: Context,
  master: Master,
  failover: Failover,
): readonly Millis[] {
  const replicas = [...master.replicas.values()];
  return [
    slowAt(master, failover),
    oldMasterGoneAt(failover),
    ...replicas.map((replica) => unheardAt(ctx, replica)),
  ];
}

/** select_slave: likewise. */
export function selectionWaits(_: Context, master: Master, failover: Failover): readonly Millis[] {
  const { failed, foundAt, infoRequestedAt: since } = failover;
  return [
    noReplicaAt(master, failover),
    strayAllowedAt(master, failover),
    othersGoneAt(failover),
    ...(foundAt === null ? [] : [redialDueAt(master)]),
    ...(since === null ? [] : [masterGoneAt(since), infoLateAt(since), infoTooLateAt(since)]),
    ...[...failed.values()].map(askableAgainAt),
  ];
}

/** wait_start: nobody was elected [ELECT-TIMEOUT]. */
export function electionEndsAt(
  { state }: Context,
  { attemptAt, settings: { failoverTimeoutMs } }: Master,
): Millis {
  return elapsedAt(attemptAt, Math.min(state.periods.electionTimeout, failoverTimeoutMs));
}

/** wait_start: voters that are down helped nobody to lead. */
export function silentVotersEndAt({ stepSince }: Failover): Millis {
  return elapsedAt(stepSince, SILENT_VOTERS_MS);
}

/** wait_start: the others do not give their votes to settle a disagreement. */
export function settlingEndsAt({ stepSince }: Failover): Millis {
  return elapsedAt(stepSince, SETTLE_RETRY_MS);
}

/** select_slave: no replica is fit, and waiting for one is over [D-WAIT-REPLICA]; an empty one may be taken. */
export function noReplicaAt(
  { settings: { failoverTimeoutMs } }: Master,
  { selectingSince }: Failover,
): Millis {
  return elapsedAt(selectingSince, failoverTimeoutMs / 2);
}

/** select_slave: there was time for an heir. */
export function strayAllowedAt(
  { settings: { failoverTimeoutMs } }: Master,
  failover: Failover,
): Millis {
  return elapsedAt(failover.selectingSince, Math.min(STRAY_PATIENCE_MS, failoverTimeoutMs / 2));
}

/** select_slave: the master and others had their time to come back after somebody fit did. */
export function othersGoneAt({ foundAt }: Failover): Millis {
  return foundAt === null ? NEVER : elapsedAt(foundAt, RETURN_WAIT_MS);
}

/** select_slave: meanwhile the master may be dialled again. */
export function redialDueAt({ link }: Master): Millis {
  return elapsedAt(link.opened.command?.at ?? 0, REDIAL_MS);
}

/** select_slave: a master dialled at `since` would have answered. */
export function masterGoneAt(since: Millis): Millis {
  return elapsedAt(since, MASTER_DIAL_WAIT_MS);
}

/** select_slave: INFO asked for at `since` is awaited no longer [D-INFO]... */
export function infoLateAt(since: Millis): Millis {
  return elapsedAt(since, SELECTION_INFO_WAIT_MS);
}

/** select_slave: ...nor that of one that may be the best [D-SLOW-INFO]. */
export function infoTooLateAt(since: Millis): Millis {
  return elapsedAt(since, SLOW_INFO_WAIT_MS);
}

/** select_slave: one that failed at that time is asked again. */
export function askableAgainAt(failedAt: Millis): Millis {
  return elapsedAt(failedAt, ASK_FAILED_AGAIN_MS);
}

/** The promotion, or the replicas, take too long [PROMOTE-TIMEOUT] [RECONF-END]. */
export function slowAt(
  { settings: { failoverTimeoutMs } }: Master,
  { stepSince }: Failover,
): Millis {
  return elapsedAt(stepSince, failoverTimeoutMs);
}

/** wait_promotion: an order whose connection was lost would have shown that it was heard. */
export function orderLostAt({ lostAt }: RoleOrder): Millis {
  return lostAt === null ? NEVER : elapsedAt(lostAt, LOST_ORDER_WAIT_MS);
}

/** wait_promotion: who does not tell its vote in the epoch of a forced failover is awaited no longer... */
export function votesToldAt({ stepSince, epochSince }: Failover): Millis {
  return elapsedAt(Math.max(stepSince, epochSince), FORCED_VOTES_MS);
}

/** ...nor are the votes in another epoch that it took [D-FORCED-EPOCH]. */
export function epochsOverAt({ stepSince }: Failover): Millis {
  return elapsedAt(stepSince, FORCED_EPOCHS_MS);
}

/** reconf_slaves: a replica that was told whom to follow would have shown it. */
export function unheardAt({ state }: Context, { reconf, reconfSentAt }: Replica): Millis {
  return reconf === "sent" ? elapsedAt(reconfSentAt, state.periods.slaveReconfTimeout) : NEVER;
}
