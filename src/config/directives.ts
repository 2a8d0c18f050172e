import {
  choice,
  choices,
  clamped,
  type Directive,
  flag,
  integer,
  memory,
  memoryOrPercent,
  octal,
  optionalText,
  type Range,
  spelled,
  taking,
  takingFlag,
  text,
} from "./directive-kinds.ts";
import { SPECIAL_DIRECTIVES } from "./special-directives.ts";

/**
 * Every generic directive that Redis 7.4 accepts [FILE-GENERIC]. A Sentinel acts on few of
 * them, but all are checked, so that a file that starts C starts us and the reverse.
 */

const INT_MAX = 2n ** 31n - 1n;
const UINT_MAX = 2n ** 32n - 1n;
const LONG_MAX = 2n ** 63n - 1n;
const MB = 1024n ** 2n;

const upTo = (max: bigint): Range => ({ min: 0n, max });
const from = (min: bigint, max: bigint): Range => ({ min, max });
const ANY_INT: Range = { min: -INT_MAX - 1n, max: INT_MAX };
const ANY_LONG = upTo(LONG_MAX);
const ANY_SIZE = upTo(2n ** 64n - 1n);
const PORT = upTo(65_535n);

const ON = `rdbchecksum protected-mode rdbcompression activerehashing stop-writes-on-bgsave-error
  set-proc-title dynamic-hz repl-diskless-sync aof-rewrite-incremental-fsync
  cluster-require-full-coverage rdb-save-incremental-fsync aof-load-truncated aof-use-rdb-preamble
  replica-serve-stale-data replica-read-only replica-ignore-maxmemory jemalloc-bg-thread
  cluster-allow-pubsubshard-when-down crash-log-enabled crash-memcheck-enabled disable-thp
  cluster-allow-replica-migration replica-announced latency-tracking tls-session-caching`;

const OFF = `daemonize io-threads-do-reads always-show-logo rdb-del-sync-files
  lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del
  lazyfree-lazy-user-flush repl-disable-tcp-nodelay no-appendfsync-on-rewrite
  aof-timestamp-enabled cluster-replica-no-failover replica-lazy-flush activedefrag
  syslog-enabled cluster-enabled appendonly cluster-allow-reads-when-down use-exit-on-panic
  aof-disable-auto-gc replica-ignore-disk-write-errors hide-user-data-from-log tls-cluster
  tls-replication tls-prefer-server-ciphers`;

const UNSET_TEXTS = `aclfile unixsocket pidfile replica-announce-ip masteruser masterauth
  requirepass cluster-announce-ip cluster-announce-human-nodename server-cpulist bio-cpulist
  aof-rewrite-cpulist bgsave-cpulist bind-source-addr tls-cert-file tls-key-file
  tls-key-file-pass tls-client-cert-file tls-client-key-file tls-client-key-file-pass
  tls-dh-params-file tls-ca-cert-file tls-ca-cert-dir tls-protocols tls-ciphers
  tls-ciphersuites dir unixsocketgroup`;

const TEXTS: readonly Directive[] = [
  optionalText("cluster-announce-hostname", checkHostname),
  text("cluster-config-file", "nodes.conf"),
  text("syslog-ident", "redis"),
  text("dbfilename", "dump.rdb", fileName("dbfilename", "filename")),
  text("appendfilename", "appendonly.aof", nonEmptyFileName("appendfilename", "filename")),
  text("appenddirname", "appendonlydir", nonEmptyFileName("appenddirname", "dirname")),
  text("ignore-warnings", ""),
  text("proc-title-template", "{title} {listen-addr} {server-mode}", checkTitleTemplate),
  text("logfile", ""),
  text("locale-collate", ""),
  optionalText("tls-groups"),
  optionalText("tls-expected-peer-name", checkPeerNames),
];

const NO_YES_LOCAL = ["no", "yes", "local"];
const SHUTDOWN_FLAGS = ["default", "save", "nosave", "now", "force"];
const POLICIES = `volatile-lru volatile-lfu volatile-random volatile-ttl allkeys-lru allkeys-lfu
  allkeys-random noeviction`;

const CHOICES: readonly Directive[] = [
  choice("supervised", "no", ["upstart", "systemd", "auto", "no"]),
  choice("syslog-facility", "local0", ["user", ...[..."01234567"].map((n) => `local${n}`)]),
  taking(choice("repl-diskless-load", "disabled", ["disabled", "on-empty-db", "swapdb"]), [
    ...["flush-before-load", "flushdb"],
  ]),
  choice("loglevel", "notice", ["debug", "verbose", "notice", "warning", "nothing"]),
  taking(choice("maxmemory-policy", "noeviction", words(POLICIES)), [
    "allkeys-lrm",
    "volatile-lrm",
  ]),
  choice("appendfsync", "everysec", ["everysec", "always", "no"]),
  choice("oom-score-adj", "no", ["no", "yes", "relative", "absolute"]),
  choice("acl-pubsub-default", "resetchannels", ["allchannels", "resetchannels"]),
  choice("sanitize-dump-payload", "no", ["no", "yes", "clients"]),
  choice("enable-protected-configs", "no", NO_YES_LOCAL),
  choice("enable-debug-command", "no", NO_YES_LOCAL),
  choice("enable-module-command", "no", NO_YES_LOCAL),
  choice("cluster-preferred-endpoint-type", "ip", ["ip", "hostname", "unknown-endpoint"]),
  choice("propagation-error-behavior", "ignore", ["ignore", "panic", "panic-on-replicas"]),
  ...["shutdown-on-sigint", "shutdown-on-sigterm"].map((name) =>
    takingFlag(choices(name, "default", SHUTDOWN_FLAGS, checkShutdown), "failover"),
  ),
  choice("tls-auth-clients", "yes", ["no", "yes", "optional"]),
  // Of Valkey 8.1 and later. They are written only where a line of theirs stands.
  spelled("tls-auth-clients-user", "off", ["off", "CN", "URI"]),
  choice("log-format", "legacy", ["legacy", "logfmt"]),
  choice("log-timestamp-format", "legacy", ["legacy", "iso8601", "milliseconds"]),
];

const INTEGERS: readonly Directive[] = [
  integer("databases", 16n, from(1n, INT_MAX)),
  integer("port", 6379n, PORT),
  integer("io-threads", 1n, from(1n, 128n)),
  integer("auto-aof-rewrite-percentage", 100n, upTo(INT_MAX)),
  integer("cluster-replica-validity-factor", 10n, upTo(INT_MAX)),
  integer("list-max-listpack-size", -2n, ANY_INT),
  integer("tcp-keepalive", 300n, upTo(INT_MAX)),
  integer("cluster-migration-barrier", 1n, upTo(INT_MAX)),
  integer("active-defrag-cycle-min", 1n, from(1n, 99n)),
  integer("active-defrag-cycle-max", 25n, from(1n, 99n)),
  integer("active-defrag-threshold-lower", 10n, upTo(1000n)),
  integer("active-defrag-threshold-upper", 100n, upTo(1000n)),
  integer("lfu-log-factor", 10n, upTo(INT_MAX)),
  integer("lfu-decay-time", 1n, upTo(INT_MAX)),
  integer("replica-priority", 100n, upTo(INT_MAX)),
  integer("repl-diskless-sync-delay", 5n, upTo(INT_MAX)),
  // 7.0 allows more than the 64 of 7.4; a value that once started a Sentinel still does.
  integer("maxmemory-samples", 5n, from(1n, INT_MAX)),
  integer("maxmemory-eviction-tenacity", 10n, upTo(100n)),
  integer("timeout", 0n, upTo(INT_MAX)),
  integer("replica-announce-port", 0n, PORT),
  integer("tcp-backlog", 511n, upTo(INT_MAX)),
  integer("cluster-port", 0n, PORT),
  integer("cluster-announce-bus-port", 0n, PORT),
  integer("cluster-announce-port", 0n, PORT),
  integer("cluster-announce-tls-port", 0n, PORT),
  integer("repl-timeout", 60n, from(1n, INT_MAX)),
  integer("repl-ping-replica-period", 10n, from(1n, INT_MAX)),
  integer("list-compress-depth", 0n, upTo(INT_MAX)),
  integer("rdb-key-save-delay", 0n, ANY_INT),
  integer("key-load-delay", 0n, ANY_INT),
  integer("active-expire-effort", 1n, from(1n, 10n)),
  clamped(integer("hz", 10n, upTo(INT_MAX)), from(1n, 500n)),
  integer("min-replicas-to-write", 0n, upTo(INT_MAX)),
  integer("min-replicas-max-lag", 10n, upTo(INT_MAX)),
  integer("watchdog-period", 0n, upTo(INT_MAX)),
  integer("shutdown-timeout", 10n, upTo(INT_MAX)),
  integer("repl-diskless-sync-max-replicas", 0n, upTo(INT_MAX)),
  integer("tls-port", 0n, PORT),
  integer("tls-session-cache-size", 20_480n, upTo(INT_MAX)),
  integer("tls-session-cache-timeout", 300n, upTo(INT_MAX)),
  integer("maxclients", 10_000n, from(1n, UINT_MAX)),
  octal("unixsocketperm", 0n, upTo(0o777n)),
  integer("socket-mark-id", 0n, upTo(UINT_MAX)),
  integer("max-new-connections-per-cycle", 10n, from(1n, 1000n)),
  integer("tls-auto-reload-interval", 0n, upTo(INT_MAX)),
  integer("max-new-tls-connections-per-cycle", 1n, from(1n, 1000n)),
  integer("active-defrag-max-scan-fields", 1000n, from(1n, LONG_MAX)),
  integer("slowlog-max-len", 128n, ANY_LONG),
  integer("acllog-max-len", 128n, ANY_LONG),
  integer("busy-reply-threshold", 5000n, ANY_LONG),
  integer("cluster-node-timeout", 15_000n, ANY_LONG),
  integer("cluster-ping-interval", 1000n, ANY_LONG),
  integer("slowlog-log-slower-than", 10_000n, from(-1n, LONG_MAX)),
  integer("latency-monitor-threshold", 0n, ANY_LONG),
  integer("stream-node-max-entries", 100n, ANY_LONG),
  integer("hash-max-listpack-entries", 512n, ANY_LONG),
  integer("set-max-intset-entries", 512n, ANY_LONG),
  integer("set-max-listpack-entries", 128n, ANY_LONG),
  integer("set-max-listpack-value", 64n, ANY_LONG),
  integer("zset-max-listpack-entries", 128n, ANY_LONG),
  integer("tracking-table-max-keys", 1_000_000n, ANY_LONG),
  integer("repl-backlog-ttl", 3600n, ANY_LONG),
  integer("loading-process-events-interval-bytes", 2n * MB, from(1024n, INT_MAX)),
];

const MEMORY: readonly Directive[] = [
  memory("proto-max-bulk-len", 512n * MB, from(MB, LONG_MAX)),
  memory("repl-backlog-size", MB, from(1n, LONG_MAX)),
  memory("maxmemory", 0n, ANY_SIZE),
  memory("cluster-link-sendbuf-limit", 0n, ANY_SIZE),
  memory("active-defrag-ignore-bytes", 100n * MB, from(1n, LONG_MAX)),
  memory("hash-max-listpack-value", 64n, ANY_LONG),
  memory("stream-node-max-bytes", 4096n, ANY_LONG),
  memory("zset-max-listpack-value", 64n, ANY_LONG),
  memory("hll-sparse-max-bytes", 3000n, ANY_LONG),
  memory("client-query-buffer-limit", 1024n * MB, from(MB, LONG_MAX)),
  memoryOrPercent("maxmemory-clients", 0n),
  memory("auto-aof-rewrite-min-size", 64n * MB, ANY_LONG),
];

/** Other names by which a directive may be written; the rewrite uses the first of each pair. */
const ALIASES = `cluster-replica-no-failover=cluster-slave-no-failover
  replica-lazy-flush=slave-lazy-flush replica-serve-stale-data=slave-serve-stale-data
  replica-read-only=slave-read-only replica-ignore-maxmemory=slave-ignore-maxmemory
  replica-announce-ip=slave-announce-ip server-cpulist=server_cpulist bio-cpulist=bio_cpulist
  aof-rewrite-cpulist=aof_rewrite_cpulist bgsave-cpulist=bgsave_cpulist
  cluster-replica-validity-factor=cluster-slave-validity-factor
  list-max-listpack-size=list-max-ziplist-size replica-priority=slave-priority
  replica-announce-port=slave-announce-port repl-ping-replica-period=repl-ping-slave-period
  min-replicas-to-write=min-slaves-to-write min-replicas-max-lag=min-slaves-max-lag
  busy-reply-threshold=lua-time-limit hash-max-listpack-entries=hash-max-ziplist-entries
  zset-max-listpack-entries=zset-max-ziplist-entries
  hash-max-listpack-value=hash-max-ziplist-value
  zset-max-listpack-value=zset-max-ziplist-value replicaof=slaveof`;

/**
 * Primary names that an older server does not know (6.2 none of them, 7.0 not the cpulists): the
 * rewrite keeps the alias, which every server takes, unless the file has the new name [D-OLD-NAMES].
 */
export const RECENT_NAMES: ReadonlySet<string> = new Set(
  words(`server-cpulist bio-cpulist aof-rewrite-cpulist bgsave-cpulist list-max-listpack-size
    busy-reply-threshold hash-max-listpack-entries hash-max-listpack-value
    zset-max-listpack-entries zset-max-listpack-value`),
);

/** Where Sentinel mode differs from a server; such a value is written into every file. */
const SENTINEL_DEFAULTS = new Map<string, Directive["sentinelDefault"]>([
  ["port", 26_379n],
  ["protected-mode", false],
]);

/** Each directive once, in the order in which the rewrite appends them. */
export const DIRECTIVES: readonly Directive[] = completed([
  ...words(ON).map((name) => flag(name, true)),
  ...words(OFF).map((name) => flag(name, false)),
  ...words(UNSET_TEXTS).map((name) => optionalText(name)),
  ...TEXTS,
  ...CHOICES,
  ...INTEGERS,
  ...MEMORY,
  ...SPECIAL_DIRECTIVES,
]);

const BY_NAME: ReadonlyMap<string, Directive> = new Map(
  DIRECTIVES.flatMap((each) => [each.name, ...each.aliases].map((name) => [name, each] as const)),
);

/** The directive of this name or alias, in any case. */
export function findDirective(name: string): Directive | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Names of old servers that are accepted with one word and without effect. */
export const RETIRED_DIRECTIVES: ReadonlySet<string> = new Set(
  words("list-max-ziplist-entries list-max-ziplist-value lua-replicate-commands"),
);

/**
 * Names that only Valkey or Redis 8 know. C of 7.4 refuses them; we accept them and leave their
 * lines alone, so that a file can move between the families in both directions [D-FOREIGN].
 */
export const FOREIGN_DIRECTIVES: ReadonlySet<string> = new Set(
  words(`extended-redis-compatibility availability-zone
    import-mode primaryuser primaryauth primaryof io-threads-always-active events-per-io-thread
    prefetch-batch-max-size dual-channel-replication-enabled rdb-version-check repl-mptcp mptcp
    lua-enable-insecure-api hash-seed enable-debug-assert commandlog-execution-slower-than
    commandlog-slow-execution-max-len commandlog-request-larger-than
    commandlog-large-request-max-len commandlog-reply-larger-than commandlog-large-reply-max-len
    cluster-slot-stats-enabled cluster-blacklist-ttl cluster-manual-failover-timeout
    cluster-announce-client-ipv4 cluster-announce-client-ipv6 cluster-announce-client-port
    cluster-announce-client-tls-port
    replica-full-sync-buffer-limit lookahead vset-force-single-threaded-execution gopher-enabled
    cluster-databases cluster-config-save-behavior cluster-message-gossip-perc
    cluster-slot-migration-log-max-len slot-migration-max-failover-repl-bytes
    active-defrag-cycle-us min-io-threads-avoid-copy-reply min-string-size-avoid-copy-reply
    min-string-size-avoid-copy-reply-threaded rdma-bind rdma-port rdma-rx-size
    rdma-completion-vector debug-context lua-enable-deprecated-api aof-load-corrupt-tail-max-size
    stream-idmp-duration stream-idmp-maxsize key-memory-histograms slowlog-entry-max-argc
    slowlog-entry-max-string-len hash-rdb-load-min-template-entries
    hash-rdb-load-max-template-entries hash-rdb-load-template-disassembly-threshold
    cluster-bus-port-protected-mode repl-rdb-channel repl-compression repl-compression-max-latency
    cluster-compatibility-sample-ratio cluster-slot-migration-handoff-max-lag-bytes
    cluster-slot-migration-write-pause-timeout cluster-slot-migration-sync-buffer-drain-timeout
    cluster-slot-migration-max-archived-tasks array-slice-size array-sparse-kmax array-sparse-kmin
    hash-min-template-entries hash-max-template-entries backupdirname backup-sealed-ttl
    preload-file`),
);

function completed(directives: readonly Directive[]): readonly Directive[] {
  const aliases = new Map(words(ALIASES).map((pair) => pair.split("=") as [string, string]));
  return directives.map((each) => {
    const alias = aliases.get(each.name);
    return {
      ...each,
      aliases: alias === undefined ? [] : [alias],
      sentinelDefault: SENTINEL_DEFAULTS.get(each.name) ?? each.serverDefault,
    };
  });
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function fileName(name: string, kind: string): (word: string) => string | null {
  return (word) => (word.includes("/") ? `${name} can't be a path, just a ${kind}` : null);
}

function nonEmptyFileName(name: string, kind: string): (word: string) => string | null {
  const check = fileName(name, kind);
  return (word) => (word === "" ? `${name} can't be empty` : check(word));
}

function checkPeerNames(word: string): string | null {
  const isList = /^ *[^\s]+( +[^\s]+)* *$/.test(word);
  return isList ? null : "a list of names with blanks between them, or empty for none";
}

function checkHostname(word: string): string | null {
  if (word.length >= 256) return "Hostnames must be less than 256 characters";
  if (/^[a-zA-Z0-9.-]*$/.test(word)) return null;
  return "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

function checkShutdown(flags: ReadonlySet<string>): string | null {
  const both = flags.has("save") && flags.has("nosave");
  return both ? "shutdown options SAVE and NOSAVE can't be used simultaneously" : null;
}

/** The placeholders that a process title may contain; the first two may stand for nothing. */
const TITLE_FIELDS =
  /\{\{|\{(?:(title|unixsocket)|listen-addr|server-mode|port|tls-port|config-file)\}/g;

function checkTitleTemplate(word: string): string | null {
  const unknown = word.replace(TITLE_FIELDS, "").includes("{");
  const shown = word.replace(TITLE_FIELDS, (_, maybeNothing) => (maybeNothing ? "" : "x"));
  // As C, which formats the template once: the title must not come out empty.
  if (!unknown && /[^ ]/.test(shown)) return null;
  return "template format is invalid or contains unknown variables";
}
