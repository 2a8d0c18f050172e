import { bulkBytes, type Reply } from "../../base/reply.ts";
import { shownHost } from "../address.ts";
import type { Context } from "../context.ts";
import { nameOf } from "../event.ts";
import { showsDisconnected } from "../link.ts";
import { MASTER_SETTINGS, type MasterSettings, SETTING_FIELDS } from "../master-settings.ts";
import type { Instance, Millis, RedisInstance } from "../state.ts";
import { FieldList, FieldRun, type FieldValue } from "./field-list.ts";

/** What seldom changes of an instance. */
interface Runs {
  readonly identity: FieldRun;
  readonly detection: FieldRun;
  readonly role: FieldRun;
  readonly own: FieldRun;
  readonly settings: FieldRun;
  /** What `settings` was made of, an object that never changes; null: it is not made. */
  settingsOf: MasterSettings | null;
}

const RUNS = new WeakMap<Instance, Runs>();

const bulks = (names: string) => names.split(" ").map(bulkBytes);
const IDENTITY = bulks(
  "name ip port runid flags link-pending-commands link-refcount failover-state",
);
const DETECTION = bulks(MASTER_SETTINGS.downAfterMs.name);
const ROLE = bulks("role-reported");
const OWN = {
  master: bulks("config-epoch num-slaves num-other-sentinels"),
  replica: bulks(
    "master-link-down-time master-link-status master-host master-port slave-priority slave-repl-offset replica-announced",
  ),
  sentinel: bulks("voted-leader voted-leader-epoch"),
} as const;

/** In the order of their table, a new one at the end. */
const SHOWN_SETTINGS = SETTING_FIELDS.filter((field) => MASTER_SETTINGS[field].isShown);
const SETTINGS = SHOWN_SETTINGS.map((field) => bulkBytes(MASTER_SETTINGS[field].name));

const LAST_PING_SENT = bulkBytes("last-ping-sent");
const LAST_OK_PING_REPLY = bulkBytes("last-ok-ping-reply");
const LAST_PING_REPLY = bulkBytes("last-ping-reply");
const S_DOWN_TIME = bulkBytes("s-down-time");
const O_DOWN_TIME = bulkBytes("o-down-time");
const INFO_REFRESH = bulkBytes("info-refresh");
const ROLE_REPORTED_TIME = bulkBytes("role-reported-time");
const LAST_HELLO_MESSAGE = bulkBytes("last-hello-message");

/**
 * An instance as MASTERS, REPLICAS and SENTINELS show it. Names, order and spelling are the
 * interface that clients parse [SENTINEL-FIELDS]: new fields go to the end.
 */
export function describeInstance(ctx: Context, instance: Instance): Reply {
  const list = new FieldList();
  const runs = runsOf(instance);
  list.addRun(runs.identity.set(identityValues(ctx, instance)));
  addWatch(list, ctx, instance);
  list.addRun(runs.detection.set([instance.downAfterMs]));
  if (instance.kind === "sentinel") {
    list.addNumber(LAST_HELLO_MESSAGE, ctx.now - instance.lastHelloAt);
  } else addServer(list, ctx, runs.role, instance);
  list.addRun(runs.own.set(ownValues(instance)));
  if (instance.kind === "master") list.addRun(settingsRun(runs, instance.settings));
  return list.toReply();
}

function runsOf(instance: Instance): Runs {
  const known = RUNS.get(instance);
  if (known) return known;
  const runs: Runs = {
    identity: new FieldRun(IDENTITY),
    detection: new FieldRun(DETECTION),
    role: new FieldRun(ROLE),
    own: new FieldRun(OWN[instance.kind]),
    settings: new FieldRun(SETTINGS),
    settingsOf: null,
  };
  RUNS.set(instance, runs);
  return runs;
}

function identityValues({ state }: Context, instance: Instance): FieldValue[] {
  const { address, link } = instance;
  return [
    nameOf(instance),
    shownHost(state.settings, address),
    address.port,
    instance.runId ?? "",
    flags(instance),
    link.pending.size,
    link.owners.size,
    instance.kind === "master" && instance.failover ? instance.failover.step : null,
  ];
}

function addWatch(list: FieldList, { now }: Context, instance: Instance): void {
  const since = (at: Millis | null) => (at === null ? 0 : now - at);
  const { pingPendingSince, lastValidPongAt, lastPongAt } = instance.link;
  list.addNumber(LAST_PING_SENT, since(pingPendingSince));
  list.addNumber(LAST_OK_PING_REPLY, since(lastValidPongAt));
  list.addNumber(LAST_PING_REPLY, since(lastPongAt));
  if (instance.sdown) list.addNumber(S_DOWN_TIME, since(instance.sdownSince));
  if (instance.kind === "master" && instance.odown) {
    list.addNumber(O_DOWN_TIME, since(instance.odownSince));
  }
}

function addServer(list: FieldList, { now }: Context, role: FieldRun, server: RedisInstance): void {
  list.addNumber(INFO_REFRESH, server.infoAt === null ? 0 : now - server.infoAt);
  list.addRun(role.set([server.roleReported === "master" ? "master" : "slave"]));
  list.addNumber(ROLE_REPORTED_TIME, now - server.roleReportedSince);
}

/** In the order of `OWN`. */
function ownValues(instance: Instance): FieldValue[] {
  switch (instance.kind) {
    case "master":
      return [instance.configEpoch, instance.replicas.size, instance.sentinels.size];
    case "replica":
      return [
        ...[instance.masterLinkDownMs, instance.upstreamLinkUp ? "ok" : "err"],
        ...[instance.upstreamHost ?? "?", instance.upstreamPort],
        ...[instance.priority, instance.replOffset, instance.announced ? "1" : "0"],
      ];
    case "sentinel":
      return [instance.leader ?? "?", instance.leaderEpoch];
    default:
      return instance satisfies never;
  }
}

function settingsRun(runs: Runs, settings: MasterSettings): FieldRun {
  if (runs.settingsOf === settings) return runs.settings;
  runs.settingsOf = settings;
  const values = SHOWN_SETTINGS.map((field) => settings[field]);
  return runs.settings.set(values.map((value) => (value === "" ? null : value)));
}

/** Comma-separated, only those set, always in this order. */
export function flags(instance: Instance): string {
  const failover = instance.kind === "master" ? instance.failover : null;
  const replica = instance.kind === "replica" ? instance : null;
  let text = "";
  const add = (isSet: boolean, name: string) => {
    if (isSet) text += text === "" ? name : `,${name}`;
  };
  add(instance.sdown, "s_down");
  add(instance.kind === "master" && instance.odown, "o_down");
  add(instance.kind === "master", "master");
  add(instance.kind === "replica", "slave");
  add(instance.kind === "sentinel", "sentinel");
  add(showsDisconnected(instance), "disconnected");
  add(instance.kind === "sentinel" && instance.masterDown, "master_down");
  add(failover !== null, "failover_in_progress");
  add(replica !== null && replica.master.failover?.promoted === replica, "promoted");
  add(replica?.reconf === "sent", "reconf_sent");
  add(replica?.reconf === "inprog", "reconf_inprog");
  add(replica?.reconf === "done", "reconf_done");
  add(failover?.forced === true, "force_failover");
  // Whoever sees it takes the switch for an operator's.
  add(failover?.coordinated?.isAutomatic === false, "coordinated_failover");
  add(instance.scriptKillSent, "script_kill_sent");
  add(instance.kind === "master" && instance.rebootSince !== null, "master_reboot");
  return text;
}
