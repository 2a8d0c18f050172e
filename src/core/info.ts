import { HISTORY_FIELDS, type History, HistoryReader } from "./history.ts";
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
  /** It ends within so many milliseconds, and waits for its replicas until then; null: it does not. */
  shutdownInMs: number | null;
  /** Changes of its data since it wrote them to disk; null: it does not say. */
  changes: number | null;
}

/** What is read so far. */
interface Draft {
  readonly report: InfoReport;
  readonly history: HistoryReader;
}

/** Reads an INFO text (sentinelRefreshInstanceInfo). Never throws, whatever the bytes. */
export function parseInfo(text: string): InfoReport {
  const draft: Draft = { report: emptyReport(), history: new HistoryReader() };
  for (let from = 0; from < text.length; ) {
    const to = endOfLine(text, from);
    readLine(draft, text, from, to);
    from = to + 2;
  }
  draft.report.history = draft.history.history();
  return draft.report;
}

function emptyReport(): InfoReport {
  return {
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
    keys: null,
    knowsHandingOver: false,
    shutdownInMs: null,
    changes: null,
  };
}

const [LF, HASH, ZERO, NINE, COLON] = [0x0a, 0x23, 0x30, 0x39, 0x3a];

/** Where its CRLF is. One character is found faster than two, and hardly a line has another CR. */
function endOfLine(text: string, from: number): number {
  let at = text.indexOf("\r", from);
  while (at >= 0 && text.charCodeAt(at + 1) !== LF) at = text.indexOf("\r", at + 1);
  return at < 0 ? text.length : at;
}

/** Beside Redis' own: Dragonfly's word, and KeyDB's for a replica that takes writes, too [D-OTHER-SERVERS]. */
const ROLES: ReadonlyMap<string, Role> = new Map([
  ["master", "master"],
  ["slave", "slave"],
  ["replica", "slave"],
  ["active-replica", "slave"],
]);

type Reader = (report: InfoReport, value: string) => void;
type Readers = Readonly<Record<string, Reader>>;

const FIELDS: Readers = {
  run_id(report, value) {
    if (value.length >= 40) report.runId = value.slice(0, 40);
  },
  role(report, value) {
    report.role = ROLES.get(value) ?? report.role;
  },
  master_link_down_since_seconds(report, value) {
    report.masterLinkDownMs = (decimal(value) ?? 0) * 1000;
  },
  shutdown_in_milliseconds(report, value) {
    report.shutdownInMs = decimal(value);
  },
  rdb_changes_since_last_save(report, value) {
    report.changes = decimal(value);
  },
  loading(report, value) {
    report.isLoading = value === "1";
  },
  master_failover_state(report, value) {
    report.isHandingOver = value !== "no-failover";
    report.knowsHandingOver = true;
  },
};

/** They count only after the line `role:slave`. */
const REPLICA_FIELDS: Readers = {
  master_host(report, value) {
    report.masterHost = value;
  },
  master_port(report, value) {
    report.masterPort = decimal(value);
  },
  master_link_status(report, value) {
    report.masterLinkUp = value === "up";
  },
  master_sync_in_progress(report, value) {
    report.isSyncing = value === "1";
  },
  slave_priority(report, value) {
    report.priority = decimal(value);
  },
  slave_repl_offset(report, value) {
    report.replOffset = /^-?\d{1,19}$/.test(value) ? BigInt(value) : null;
  },
  replica_announced(report, value) {
    report.announced = value === "1";
  },
};

/** What to do with a line of that name; one of a replica's only after `role:slave`. */
const READERS: ReadonlyMap<string, (draft: Draft, value: string) => void> = new Map([
  ...Object.entries(FIELDS).map(([name, read]) => {
    return [name, ({ report }: Draft, value: string) => read(report, value)] as const;
  }),
  ...Object.entries(REPLICA_FIELDS).map(([name, read]) => {
    const readOfReplica = ({ report }: Draft, value: string) => {
      if (report.role === "slave") read(report, value);
    };
    return [name, readOfReplica] as const;
  }),
  ...HISTORY_FIELDS.map((name) => {
    return [name, ({ history }: Draft, value: string) => history.read(name, value)] as const;
  }),
]);

const LONGEST_NAME = [...READERS.keys()].reduce((most, { length }) => Math.max(most, length), 0);
/** First letters of names; `slaveN` and `dbN` have no other. */
const FIRST_LETTERS = new Set([...READERS.keys(), "db"].map((name) => name.charCodeAt(0)));
/** First letter and length of a name: of two hundred lines hardly another has both. */
const SHAPES = new Set([...READERS.keys()].map((name) => shapeOf(name, 0, name.length)));

function shapeOf(text: string, from: number, to: number): number {
  return text.charCodeAt(from) * (LONGEST_NAME + 1) + to - from;
}

/** Looks at few characters of a line that says nothing to us. */
function readLine(draft: Draft, text: string, from: number, to: number): void {
  const first = text.charCodeAt(from);
  if (first === HASH && text.startsWith("# Keyspace", from)) draft.report.keys ??= 0;
  if (!FIRST_LETTERS.has(first)) return;
  const colon = endOfName(text, from, to);
  if (colon < 0) return;
  const isReplica = isNumbered("slave", text, from);
  const isDatabase = isNumbered("db", text, from);
  if (!isReplica && !isDatabase && !SHAPES.has(shapeOf(text, from, colon))) return;
  const [name, value] = [text.slice(from, colon), text.slice(colon + 1, to)];
  if (isReplica) readReplica(draft.report, value);
  else if (isDatabase) readKeys(draft.report, name, value);
  else READERS.get(name)?.(draft, value);
}

/** Not further than a name may reach: of lines without a colon, each would cost all that follow. */
function endOfName(text: string, from: number, to: number): number {
  const end = Math.min(to, from + LONGEST_NAME + 1);
  for (let at = from; at < end; at++) if (text.charCodeAt(at) === COLON) return at;
  return -1;
}

function isNumbered(word: string, text: string, at: number): boolean {
  const digit = text.charCodeAt(at + word.length);
  return digit >= ZERO && digit <= NINE && text.startsWith(word, at);
}

/** `keys=N,expires=...`; a database without keys has no line. */
function readKeys(report: InfoReport, name: string, value: string): void {
  if (!/^db\d{1,9}$/.test(name)) return;
  const keys = decimal(fieldOf(value, "keys="));
  if (keys !== null && keys > 0) report.keys = (report.keys ?? 0) + keys;
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
