import { shownHost } from "../address.ts";
import type { Context } from "../context.ts";
import { nameOf } from "../event.ts";
import { isDisconnected } from "../link.ts";
import type { Instance, Master, Millis, PeerSentinel, RedisInstance, Replica } from "../state.ts";

type Field = readonly [name: string, value: string];

/**
 * An instance as MASTERS, REPLICAS and SENTINELS show it. Names, order and spelling are the
 * interface that clients parse (wire.md 2.3): new fields go to the end.
 */
export function instanceFields(ctx: Context, instance: Instance): Field[] {
  return [
    ...commonFields(ctx, instance),
    ...(instance.kind === "sentinel" ? [] : serverFields(ctx, instance)),
    ...ownFields(ctx, instance),
  ];
}

function ownFields(ctx: Context, instance: Instance): Field[] {
  switch (instance.kind) {
    case "master":
      return masterFields(instance);
    case "replica":
      return replicaFields(instance);
    case "sentinel":
      return sentinelFields(ctx, instance);
    default:
      return instance satisfies never;
  }
}

function commonFields(ctx: Context, instance: Instance): Field[] {
  const { address, link } = instance;
  const since = (at: Millis | null) => `${at === null ? 0 : ctx.now - at}`;
  const fields: Field[] = [
    ["name", nameOf(instance)],
    ["ip", shownHost(ctx.state.settings, address)],
    ["port", `${address.port}`],
    ["runid", instance.runId ?? ""],
    ["flags", flags(instance)],
    ["link-pending-commands", `${link.pending.size}`],
    ["link-refcount", `${link.owners.size}`],
  ];
  if (instance.kind === "master" && instance.failover) {
    fields.push(["failover-state", instance.failover.step]);
  }
  fields.push(
    ["last-ping-sent", since(link.pingPendingSince)],
    ["last-ok-ping-reply", since(link.lastValidPongAt)],
    ["last-ping-reply", since(link.lastPongAt)],
  );
  if (instance.sdown) fields.push(["s-down-time", since(instance.sdownSince)]);
  if (instance.kind === "master" && instance.odown) {
    fields.push(["o-down-time", since(instance.odownSince)]);
  }
  fields.push(["down-after-milliseconds", `${instance.downAfterMs}`]);
  return fields;
}

function serverFields(ctx: Context, server: RedisInstance): Field[] {
  return [
    ["info-refresh", `${server.infoAt === null ? 0 : ctx.now - server.infoAt}`],
    ["role-reported", server.roleReported === "master" ? "master" : "slave"],
    ["role-reported-time", `${ctx.now - server.roleReportedSince}`],
  ];
}

function masterFields(master: Master): Field[] {
  const fields: Field[] = [
    ["config-epoch", `${master.configEpoch}`],
    ["num-slaves", `${master.replicas.size}`],
    ["num-other-sentinels", `${master.sentinels.size}`],
    ["quorum", `${master.quorum}`],
    ["failover-timeout", `${master.failoverTimeoutMs}`],
    ["parallel-syncs", `${master.parallelSyncs}`],
  ];
  const { notificationScript, clientReconfigScript } = master;
  if (notificationScript) fields.push(["notification-script", notificationScript]);
  if (clientReconfigScript) fields.push(["client-reconfig-script", clientReconfigScript]);
  return fields;
}

function replicaFields(replica: Replica): Field[] {
  return [
    ["master-link-down-time", `${replica.masterLinkDownMs}`],
    ["master-link-status", replica.upstreamLinkUp ? "ok" : "err"],
    ["master-host", replica.upstreamHost ?? "?"],
    ["master-port", `${replica.upstreamPort}`],
    ["slave-priority", `${replica.priority}`],
    ["slave-repl-offset", `${replica.replOffset}`],
    ["replica-announced", replica.announced ? "1" : "0"],
  ];
}

function sentinelFields(ctx: Context, peer: PeerSentinel): Field[] {
  return [
    ["last-hello-message", `${ctx.now - peer.lastHelloAt}`],
    ["voted-leader", peer.leader ?? "?"],
    ["voted-leader-epoch", `${peer.leaderEpoch}`],
  ];
}

/** Comma-separated, only those set, always in this order. */
function flags(instance: Instance): string {
  const failover = instance.kind === "master" ? instance.failover : null;
  const replica = instance.kind === "replica" ? instance : null;
  const set: [boolean, string][] = [
    [instance.sdown, "s_down"],
    [instance.kind === "master" && instance.odown, "o_down"],
    [instance.kind === "master", "master"],
    [instance.kind === "replica", "slave"],
    [instance.kind === "sentinel", "sentinel"],
    [isDisconnected(instance), "disconnected"],
    [instance.kind === "sentinel" && instance.masterDown, "master_down"],
    [failover !== null, "failover_in_progress"],
    [replica !== null && replica.master.failover?.promoted === replica, "promoted"],
    [replica?.reconf === "sent", "reconf_sent"],
    [replica?.reconf === "inprog", "reconf_inprog"],
    [replica?.reconf === "done", "reconf_done"],
    [failover?.forced === true, "force_failover"],
    [instance.scriptKillSent, "script_kill_sent"],
    [instance.kind === "master" && instance.rebootSince !== null, "master_reboot"],
  ];
  return set
    .filter(([isSet]) => isSet)
    .map(([, name]) => name)
    .join(",");
}
