/** What can be wrong with a quorum: how bad it is, and what to do. Codes are stable, new ones are added. */
interface CodeRow {
  readonly severity: "critical" | "warning";
  readonly todo: string;
}

const critical = (todo: string): CodeRow => ({ severity: "critical", todo });
const warning = (todo: string): CodeRow => ({ severity: "warning", todo });

/** RESET forgets the replicas, too, and only a living master names them again [RESET-FORGETS]. */
const FORGET_IT =
  "if it is gone for good: redis-sentinel-ts forget NAME, with --reset for C Sentinels; no RESET while the master is down";

export const CODES = {
  MASTER_DOWN: critical("start it, or ask why no failover follows: redis-sentinel-ts explain"),
  MASTER_SILENT: warning(
    "look at its process, disk and network; a shorter down-after-milliseconds fails over sooner",
  ),
  MASTER_IS_REPLICA: critical(
    "SENTINEL REMOVE it and MONITOR its master; or REPLICAOF NO ONE on it, if it is to be the master",
  ),
  NO_QUORUM: critical("start the Sentinels that are down, or mend the network between them"),
  NO_MAJORITY: critical(
    "start the Sentinels that are down; once a master is up, take off those that are gone for good",
  ),
  QUORUM_ABOVE_SENTINELS: critical(
    "SENTINEL SET name quorum N on each Sentinel, with N at most their number",
  ),
  CANNOT_VOTE: critical(
    "read the reason; a full disk or a folder that cannot be written is mended there",
  ),
  SAME_MYID: critical(
    "stop one, take the line `sentinel myid` out of its file, and start it again",
  ),
  SAME_ADDRESS: critical(
    "give each Sentinel an address of its own: sentinel announce-ip and announce-port",
  ),
  MASTER_IS_LOOPBACK: critical(
    "SENTINEL REMOVE it, and MONITOR it by an address that other hosts reach",
  ),
  MASTER_DIFFERS: critical(
    "one that is cut off from the others must hear them again; where a wrong master was given: SENTINEL REMOVE and MONITOR",
  ),
  EPOCH_DIFFERS: critical(
    "Sentinels must hear each other through the master: look for PUBLISH and SUBSCRIBE that are refused or renamed",
  ),
  NO_FIT_REPLICA: critical("mend or add a replica: until then nobody can take over"),
  COMMAND_RENAMED: critical(
    "tell the Sentinels the new name by sentinel rename-command, or give the command back",
  ),
  ACL_GAP: critical("give the user what Sentinels need: redis-sentinel-ts check --print-acl"),
  TWO_SENTINELS: warning("run three, on three hosts: of two both are needed for every failover"),
  EVEN_SENTINELS: warning("an odd number bears as many losses with one Sentinel less"),
  SENTINEL_DOWN: warning(
    "start it; if it runs: the network between it and the others, and what it announces",
  ),
  REPLICA_DOWN: warning(
    "start it; if it runs: the network, the address that it announces, and the auth-pass of the Sentinels",
  ),
  GHOST_SENTINEL: warning(FORGET_IT),
  GHOST_REPLICA: warning(FORGET_IT),
  MAJORITY_DIFFERS: warning(
    "SENTINEL RESET name on those that know too many, one by one, 30 s apart, never while the master is down",
  ),
  QUORUM_DIFFERS: warning("SENTINEL SET name quorum N on each of them"),
  DOWN_AFTER_DIFFERS: warning("SENTINEL SET name down-after-milliseconds N on each of them"),
  TIMEOUT_DIFFERS: warning("SENTINEL SET name failover-timeout N on each of them"),
  ALL_PRIORITY_0: warning("CONFIG SET replica-priority 100 on those that may become the master"),
  PRIORITY_LEFT: warning(
    "if no switchover is under way: the next one puts it back, or CONFIG SET replica-priority and CONFIG REWRITE there",
  ),
  FENCE_LEFT: critical(
    "if no METHOD fence is under way: CONFIG SET min-replicas-to-write there to what it was",
  ),
  REPLICA_LINK_DOWN: warning(
    "read its log: masterauth, the network to the master, a full sync that fails; it gets no writes, and ages",
  ),
  LAG: warning("look for a slow network or disk; what is missing is lost in a failover"),
  FOREIGN_HISTORY: warning("make sure that it belongs here; a full sync replaces what it holds"),
  MIN_REPLICAS_OFF: warning(
    "CONFIG SET min-replicas-to-write 1, so that a master that is cut off takes no writes that will be lost",
  ),
  MASTERAUTH_MISSING: warning(
    "CONFIG SET masterauth, and CONFIG REWRITE: it cannot follow after a failover",
  ),
  REPLICA_WRITABLE: warning("CONFIG SET replica-read-only yes: what is written there is lost"),
  VERSION_OLDER_THAN_MASTER: warning(
    "upgrade replicas before their master: an older one may not read its snapshot",
  ),
  NO_PERSISTENCE_AND_RESTART: warning(
    "turn on AOF or snapshots, or keep its supervisor from starting it: an empty master empties its replicas",
  ),
  PERSISTENCE_FAILS: warning(
    "read its log: a full disk, the rights of its folder, memory to fork; a master may refuse writes until then (MISCONF)",
  ),
  CLOCK_SKEW: warning("run a time service on every host"),
  TILT: warning(
    "look for a machine that was suspended or has too little CPU; it acts again after 30 s",
  ),
  WEBHOOK_DEAD: warning(
    "mend the receiver, or its entry in the file of --webhooks and send SIGHUP: it hears of no failover",
  ),
  SHORT_DOWN_AFTER_WITH_C: warning(
    "SENTINEL SET name down-after-milliseconds 2000: a C Sentinel may fail over twice else",
  ),
  PAUSED: warning("SENTINEL RESUME name when the work is done"),
  NAME_UNRESOLVED: warning("mend the name service, or monitor it by its address"),
  HOSTNAMES_MIXED: warning(
    "use names everywhere (resolve-hostnames, announce-hostnames, replica-announce-ip) or nowhere",
  ),
  CERT_EXPIRES_SOON: warning("renew it; Sentinels of ours use the new one within a minute"),
} as const satisfies Readonly<Record<string, CodeRow>>;

type Code = keyof typeof CODES;

export interface Finding {
  readonly code: Code;
  readonly severity: CodeRow["severity"];
  /** Null: it is not about one master. */
  readonly master: string | null;
  readonly what: string;
  readonly todo: string;
}

/** `todo`: where more is known than what helps with most findings of this code. */
export function finding(
  code: Code,
  master: string | null,
  what: string,
  todo: string = CODES[code].todo,
): Finding {
  return { code, severity: CODES[code].severity, master, what, todo };
}

/** What could not be looked at, and why; it is no finding. */
export interface Unchecked {
  readonly what: string;
  readonly why: string;
}

export interface CheckLimits {
  /** Down for longer: it seems to be gone for good. */
  readonly ghostMs: number;
  readonly lagBytes: bigint;
}
