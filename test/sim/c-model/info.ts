import { promotionSeen } from "./failover.ts";
import { parseAddress } from "./numbers.ts";
import { addReplica, type CMaster, type CReplica, isSame } from "./records.ts";
import { type CContext, sendSlaveOf, tell } from "./wire.ts";

/** For so long one that says it is a master is left alone: four hello periods. */
const CONVERT_MS = 8_000;
const SANE_INFO_MS = 20_000;

/** sentinelRefreshInstanceInfo [INFO-REPLICAS] [INFO-ROLE]. */
export function hearInfo(context: CContext, instance: CMaster | CReplica, text: string): void {
  const { state } = context;
  const now = state.world.now();
  const fields = new Map(text.split("\r\n").map(splitLine));
  refreshRunId(context, instance, fields.get("run_id"));
  if (instance.kind === "master") discoverReplicas(context, instance, fields);
  else refreshReplica(instance, fields, now);
  instance.infoAt = now;
  const role = fields.get("role") === "slave" ? "slave" : "master";
  if (role !== instance.roleReported) {
    instance.roleReported = role;
    instance.roleReportedSince = now;
    if (role === "slave" && instance.kind === "replica") instance.upstreamChangedAt = now;
  }
  if (state.tiltSince !== null || instance.kind === "master") return;
  if (role === "master") judgeMaster(context, instance);
  else judgeReplica(context, instance);
}

function splitLine(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1)];
}

function refreshRunId(
  context: CContext,
  instance: CMaster | CReplica,
  runId: string | undefined,
): void {
  if (runId === undefined) return;
  if (instance.runId !== null && instance.runId !== runId) tell(context, "+reboot", instance);
  instance.runId = runId;
}

function discoverReplicas(
  context: CContext,
  master: CMaster,
  fields: ReadonlyMap<string, string>,
): void {
  const { state } = context;
  for (const [key, value] of fields) {
    if (!/^slave\d+$/.test(key)) continue;
    const [, ip = "", port = ""] = /ip=([^,]*),port=(\d+)/.exec(value) ?? [];
    const address = parseAddress(ip, BigInt(port || "0"));
    const replica = address && addReplica(master, address, state.world.now());
    if (!replica) continue;
    tell(context, "+slave", replica);
    state.write();
  }
}

function refreshReplica(replica: CReplica, fields: ReadonlyMap<string, string>, now: number): void {
  replica.masterLinkDownMs = 1_000 * Number(fields.get("master_link_down_since_seconds") ?? 0);
  if (fields.get("role") !== "slave") return;
  const host = fields.get("master_host") ?? replica.upstreamHost;
  const port = Number(fields.get("master_port") ?? replica.upstreamPort);
  if (host !== replica.upstreamHost || port !== replica.upstreamPort) {
    replica.upstreamHost = host;
    replica.upstreamPort = port;
    replica.upstreamChangedAt = now;
  }
  replica.upstreamLinkUp = fields.get("master_link_status") === "up";
  replica.priority = Number(fields.get("slave_priority") ?? replica.priority);
  replica.offset = Number(fields.get("slave_repl_offset") ?? replica.offset);
}

/** A replica that says it is a master: the one that was promoted, or to be put back. */
function judgeMaster(context: CContext, replica: CReplica): void {
  const { master } = replica;
  const now = context.state.world.now();
  if (master.promoted === replica) {
    if (master.step === "wait_promotion") promotionSeen(context, master);
    return;
  }
  const isOld = now - replica.roleReportedSince > CONVERT_MS;
  if (!isSane(master, now) || !isQuiet(replica, now, CONVERT_MS) || !isOld) return;
  sendSlaveOf(context, replica, master.address);
  tell(context, "+convert-to-slave", replica);
}

function judgeReplica(context: CContext, replica: CReplica): void {
  const { master } = replica;
  const now = context.state.world.now();
  const { upstreamHost, upstreamPort } = replica;
  const upstream = { ip: upstreamHost ?? "", port: upstreamPort };
  if (!isSame(upstream, master.address)) {
    const waitMs = master.failoverTimeoutMs;
    const isOld = now - replica.upstreamChangedAt > waitMs;
    if (isSane(master, now) && isQuiet(replica, now, waitMs) && isOld) {
      sendSlaveOf(context, replica, master.address);
      tell(context, "+fix-slave-config", replica);
    }
  }
  const { promoted } = master;
  if (replica.reconf === "sent" && promoted && isSame(upstream, promoted.address)) {
    replica.reconf = "inprog";
    tell(context, "+slave-reconf-inprog", replica);
  }
  if (replica.reconf === "inprog" && replica.upstreamLinkUp) {
    replica.reconf = "done";
    tell(context, "+slave-reconf-done", replica);
  }
}

function isSane(master: CMaster, now: number): boolean {
  const { roleReported, sdown, odown, infoAt } = master;
  return roleReported === "master" && !sdown && !odown && now - infoAt < SANE_INFO_MS;
}

/** Nothing was down lately; only the start of an outage is known. */
function isQuiet(replica: CReplica, now: number, spanMs: number): boolean {
  return replica.sdownSince === 0 || now - replica.sdownSince > spanMs;
}
