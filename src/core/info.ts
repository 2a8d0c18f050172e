import { type History, HistoryReader } from "./history.ts";
import { MAX_REPLICA_LINE_BYTES, MAX_REPLICAS } from "./limits.ts";
import type { Role } from "./state.ts";

/** What a Sentinel reads in INFO; null or absent where the text has no such line. */
export interface InfoReport {
  runId: string | null;
  role: Role | null;
  replicas: { host: string; port: number }[];
  /** 0 without the line; a replica that never synced says -1, so -1000. */
  masterLinkDownMs: number;
  masterHost: string | null;
  masterPort: number | null;
  masterLinkUp: boolean | null;
  priority: number | null;
  replOffset: bigint | null;
  announced: boolean | null;
  /** The name of its data, and of the data that this one continues; null: it tells none. */
  history: History | null;
  isLoading: boolean;
  /** A full sync from its master is under way: what it holds is about to be replaced. */
  isSyncing: boolean;
  isHandingOver: boolean;
  /** In all its databases; null: it does not say. */
  keys: number | null;
  /** It told whether it does. */
  knowsHandingOver: boolean;
}

/** Reads an INFO text (sentinelRefreshInstanceInfo). Never throws, whatever the bytes. */
export function parseInfo(text: string): InfoReport {
  const report: InfoReport = {
    runId: null,
    role: null,
    replicas: [],
    masterLinkDownMs: 0,
    masterHost: null,
    masterPort: null,
    masterLinkUp: null,
    priority: null,
    replOffset: null,
    announced: null,
    history: null,
    isLoading: false,
    isSyncing: false,
    isHandingOver: false,
    keys: text.includes("# Keyspace") ? 0 : null,
    knowsHandingOver: false,
  };
  const names = new HistoryReader();
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf("\r\n", from);
    const to = found < 0 ? text.length : found;
    const colon = isOfInterest(text, from) ? text.indexOf(":", from) : -1;
    if (colon > from && colon < to) {
      const [name, value] = [text.slice(from, colon), text.slice(colon + 1, to)];
      if (!names.read(name, value)) readLine(report, name, value);
    }
    from = to + 2;
  }
  report.history = names.history();
  return report;
}

/** The names that we read begin with one of these; of two hundred lines no other is cut out. */
function isOfInterest(text: string, at: number): boolean {
  const first = text[at];
  return first === "r" || first === "m" || first === "s" || first === "l" || first === "d";
}

/** Beside Redis' own: Dragonfly's word, and KeyDB's for a replica that takes writes, too [D-OTHER-SERVERS]. */
const ROLES: ReadonlyMap<string, Role> = new Map([
  ["master", "master"],
  ["slave", "slave"],
  ["replica", "slave"],
  ["active-replica", "slave"],
]);

function readLine(report: InfoReport, name: string, value: string): void {
  switch (name) {
    case "run_id":
      if (value.length >= 40) report.runId = value.slice(0, 40);
      return;
    case "role":
      report.role = ROLES.get(value) ?? report.role;
      return;
    case "master_link_down_since_seconds":
      report.masterLinkDownMs = (decimal(value) ?? 0) * 1000;
      return;
    case "loading":
      report.isLoading = value === "1";
      return;
    case "master_failover_state":
      report.isHandingOver = value !== "no-failover";
      report.knowsHandingOver = true;
      return;
    default:
      if (isReplicaLine(name)) readReplica(report, value);
      else if (/^db\d{1,9}$/.test(name)) readKeys(report, value);
      else if (report.role === "slave") readReplicaField(report, name, value);
  }
}

function isReplicaLine(name: string): boolean {
  const digit = name.charCodeAt(5);
  return digit >= 0x30 && digit <= 0x39 && name.startsWith("slave");
}

/** `keys=N,expires=...`; a database without keys has no line. */
function readKeys(report: InfoReport, value: string): void {
  const keys = decimal(fieldOf(value, "keys="));
  if (keys !== null && keys > 0) report.keys = (report.keys ?? 0) + keys;
}

/** Fields that count only after the line `role:slave`. */
function readReplicaField(report: InfoReport, name: string, value: string): void {
  switch (name) {
    case "master_host":
      report.masterHost = value;
      return;
    case "master_port":
      report.masterPort = decimal(value);
      return;
    case "master_link_status":
      report.masterLinkUp = value === "up";
      return;
    case "master_sync_in_progress":
      report.isSyncing = value === "1";
      return;
    case "slave_priority":
      report.priority = decimal(value);
      return;
    case "slave_repl_offset":
      report.replOffset = /^-?\d{1,19}$/.test(value) ? BigInt(value) : null;
      return;
    case "replica_announced":
      report.announced = value === "1";
      return;
    default:
  }
}

/** `ip=I,port=P,state=...`, or `I,P,state` of servers before 2.8. */
function readReplica(report: InfoReport, value: string): void {
  if (report.replicas.length >= MAX_REPLICAS || value.length > MAX_REPLICA_LINE_BYTES) return;
  // Valkey's second connection of a replica in a full sync, which nobody listens behind.
  if (fieldOf(value, "type=") === "rdb-channel") return;
  const [host = "", portText = ""] = value.includes("ip=")
    ? [fieldOf(value, "ip="), fieldOf(value, "port=")]
    : value.split(",", 2);
  const port = decimal(portText);
  if (host !== "" && port !== null) report.replicas.push({ host, port });
}

/** Cut out where it stands: of a thousand lines nothing else is. "": there is none. */
function fieldOf(value: string, key: string): string {
  const isHere = (at: number) => at < 0 || at === 0 || value[at - 1] === ",";
  let at = value.indexOf(key);
  while (!isHere(at)) at = value.indexOf(key, at + 1);
  if (at < 0) return "";
  const from = at + key.length;
  const to = value.indexOf(",", from);
  return to < 0 ? value.slice(from) : value.slice(from, to);
}

function decimal(text: string): number | null {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
}
