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
}

/** Replica lines beyond this are not a real server's; a hostile one must not exhaust us. */
const MAX_REPLICAS = 10_000;

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
  };
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf("\r\n", from);
    const to = found < 0 ? text.length : found;
    const colon = isOfInterest(text, from) ? text.indexOf(":", from) : -1;
    if (colon > from && colon < to) {
      readLine(report, text.slice(from, colon), text.slice(colon + 1, to));
    }
    from = to + 2;
  }
  return report;
}

/** The names that we read begin with one of these; of two hundred lines no other is cut out. */
function isOfInterest(text: string, at: number): boolean {
  const first = text[at];
  return first === "r" || first === "m" || first === "s";
}

function readLine(report: InfoReport, name: string, value: string): void {
  switch (name) {
    case "run_id":
      if (value.length >= 40) report.runId = value.slice(0, 40);
      return;
    case "role":
      report.role = value === "master" || value === "slave" ? value : report.role;
      return;
    case "master_link_down_since_seconds":
      report.masterLinkDownMs = (decimal(value) ?? 0) * 1000;
      return;
    default:
      if (/^slave\d/.test(name)) readReplica(report, value);
      else if (report.role === "slave") readReplicaField(report, name, value);
  }
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
  if (report.replicas.length >= MAX_REPLICAS) return;
  const words = value.split(",");
  const named = (key: string) =>
    words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
  const isOldForm = !value.includes("ip=");
  const host = isOldForm ? words[0] : named("ip");
  const port = decimal((isOldForm ? words[1] : named("port")) ?? "");
  if (host && port !== null) report.replicas.push({ host, port });
}

function decimal(text: string): number | null {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
}
