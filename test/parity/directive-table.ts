/**
 * The directives of each server's configuration file, by the version that brought them, and what a
 * Sentinel of ours does with each: `test/parity/directives.test.ts` holds us to it.
 */
export const BROUGHT_BY: Readonly<Record<string, string>> = {
  "Redis 6.2": `
    acl-pubsub-default aclfile acllog-max-len active-defrag-cycle-max active-defrag-cycle-min
    active-defrag-ignore-bytes active-defrag-max-scan-fields active-defrag-threshold-lower
    active-defrag-threshold-upper active-expire-effort activedefrag activerehashing
    always-show-logo aof-load-truncated aof-rewrite-incremental-fsync aof-use-rdb-preamble
    aof_rewrite_cpulist appendfilename appendfsync appendonly auto-aof-rewrite-min-size
    auto-aof-rewrite-percentage bgsave_cpulist bind bio_cpulist client-output-buffer-limit
    client-query-buffer-limit cluster-allow-reads-when-down cluster-allow-replica-migration
    cluster-announce-bus-port cluster-announce-ip cluster-announce-port
    cluster-announce-tls-port cluster-config-file cluster-enabled cluster-migration-barrier
    cluster-node-timeout cluster-replica-no-failover cluster-replica-validity-factor
    cluster-require-full-coverage cluster-slave-no-failover cluster-slave-validity-factor
    crash-log-enabled crash-memcheck-enabled daemonize databases dbfilename dir disable-thp
    dynamic-hz gopher-enabled hash-max-ziplist-entries hash-max-ziplist-value
    hll-sparse-max-bytes hz ignore-warnings io-threads io-threads-do-reads jemalloc-bg-thread
    key-load-delay latency-monitor-threshold lazyfree-lazy-eviction lazyfree-lazy-expire
    lazyfree-lazy-server-del lazyfree-lazy-user-del lazyfree-lazy-user-flush lfu-decay-time
    lfu-log-factor list-compress-depth list-max-ziplist-entries list-max-ziplist-size
    list-max-ziplist-value logfile loglevel
    lua-replicate-commands lua-time-limit masterauth masteruser maxclients maxmemory
    maxmemory-eviction-tenacity maxmemory-policy maxmemory-samples min-replicas-max-lag
    min-replicas-to-write min-slaves-max-lag min-slaves-to-write no-appendfsync-on-rewrite
    notify-keyspace-events oom-score-adj oom-score-adj-values pidfile port proc-title-template
    protected-mode proto-max-bulk-len rdb-del-sync-files rdb-key-save-delay
    rdb-save-incremental-fsync rdbchecksum rdbcompression repl-backlog-size repl-backlog-ttl
    repl-disable-tcp-nodelay repl-diskless-load repl-diskless-sync repl-diskless-sync-delay
    repl-ping-replica-period repl-ping-slave-period repl-timeout replica-announce-ip
    replica-announce-port replica-announced replica-ignore-maxmemory replica-lazy-flush
    replica-priority replica-read-only replica-serve-stale-data replicaof requirepass
    sanitize-dump-payload save server_cpulist set-max-intset-entries set-proc-title
    slave-announce-ip slave-announce-port slave-ignore-maxmemory slave-lazy-flush
    slave-priority slave-read-only slave-serve-stale-data slaveof slowlog-log-slower-than
    slowlog-max-len stop-writes-on-bgsave-error stream-node-max-bytes stream-node-max-entries
    supervised syslog-enabled syslog-facility syslog-ident tcp-backlog tcp-keepalive timeout
    tls-auth-clients tls-ca-cert-dir tls-ca-cert-file tls-cert-file tls-ciphers
    tls-ciphersuites tls-client-cert-file tls-client-key-file tls-client-key-file-pass
    tls-cluster tls-dh-params-file tls-key-file tls-key-file-pass tls-port
    tls-prefer-server-ciphers tls-protocols tls-replication tls-session-cache-size
    tls-session-cache-timeout tls-session-caching tracking-table-max-keys unixsocket
    unixsocketperm use-exit-on-panic watchdog-period zset-max-ziplist-entries
    zset-max-ziplist-value`,
  "Redis 7.0": `
    aof-disable-auto-gc aof-timestamp-enabled appenddirname bind-source-addr
    busy-reply-threshold cluster-allow-pubsubshard-when-down cluster-announce-hostname
    cluster-link-sendbuf-limit cluster-port cluster-preferred-endpoint-type
    enable-debug-command enable-module-command enable-protected-configs
    hash-max-listpack-entries hash-max-listpack-value latency-tracking
    latency-tracking-info-percentiles list-max-listpack-size
    loading-process-events-interval-bytes maxmemory-clients propagation-error-behavior
    repl-diskless-sync-max-replicas replica-ignore-disk-write-errors shutdown-on-sigint
    shutdown-on-sigterm shutdown-timeout socket-mark-id zset-max-listpack-entries
    zset-max-listpack-value`,
  "Redis 7.2, Valkey 7.2": `
    cluster-announce-human-nodename cluster-ping-interval locale-collate
    set-max-listpack-entries set-max-listpack-value`,
  "Redis 7.4": `
    aof-rewrite-cpulist bgsave-cpulist bio-cpulist hide-user-data-from-log
    max-new-connections-per-cycle max-new-tls-connections-per-cycle server-cpulist`,
  "Redis 8.x": `
    aof-load-corrupt-tail-max-size array-slice-size array-sparse-kmax array-sparse-kmin
    backup-sealed-ttl backupdirname cluster-bus-port-protected-mode
    cluster-compatibility-sample-ratio cluster-slot-migration-handoff-max-lag-bytes
    cluster-slot-migration-max-archived-tasks cluster-slot-migration-sync-buffer-drain-timeout
    cluster-slot-migration-write-pause-timeout hash-max-template-entries
    hash-min-template-entries
    hash-rdb-load-max-template-entries hash-rdb-load-min-template-entries
    hash-rdb-load-template-disassembly-threshold key-memory-histograms lookahead
    preload-file repl-compression repl-compression-max-latency repl-rdb-channel
    replica-full-sync-buffer-limit slowlog-entry-max-argc slowlog-entry-max-string-len
    stream-idmp-duration stream-idmp-maxsize tls-expected-peer-name tls-groups vset-force-single-threaded-execution`,
  "Valkey 8.0": `
    availability-zone cluster-announce-client-ipv4 cluster-announce-client-ipv6
    cluster-blacklist-ttl cluster-slot-stats-enabled debug-context
    dual-channel-replication-enabled enable-debug-assert events-per-io-thread
    extended-redis-compatibility prefetch-batch-max-size primaryauth primaryuser
    unixsocketgroup`,
  "Valkey 8.1": `
    active-defrag-cycle-us cluster-manual-failover-timeout cluster-message-gossip-perc
    commandlog-execution-slower-than commandlog-large-reply-max-len
    commandlog-large-request-max-len commandlog-reply-larger-than
    commandlog-request-larger-than commandlog-slow-execution-max-len hash-seed import-mode
    io-threads-always-active log-format log-timestamp-format lua-enable-insecure-api
    min-io-threads-avoid-copy-reply min-string-size-avoid-copy-reply
    min-string-size-avoid-copy-reply-threaded mptcp rdb-version-check rdma-bind
    rdma-completion-vector rdma-port rdma-rx-size repl-mptcp`,
  "Valkey 9.x": `
    cluster-announce-client-port cluster-announce-client-tls-port cluster-config-save-behavior
    cluster-databases cluster-slot-migration-log-max-len lua-enable-deprecated-api primaryof
    slot-migration-max-failover-repl-bytes tls-auth-clients-user tls-auto-reload-interval`,
};

/** It does what it says: with this value the Sentinel is set up otherwise than without the line. */
export const HONOURED: Readonly<Record<string, string>> = {
  port: "7",
  "tls-port": "7",
  bind: "10.0.0.1",
  unixsocket: "/s",
  unixsocketperm: "700",
  unixsocketgroup: "adm",
  hz: "50",
  "protected-mode": "yes",
  "tcp-backlog": "7",
  "tcp-keepalive": "7",
  timeout: "7",
  maxclients: "7",
  daemonize: "yes",
  supervised: "auto",
  pidfile: "/p",
  loglevel: "debug",
  logfile: "/l",
  "log-format": "logfmt",
  "log-timestamp-format": "iso8601",
  "syslog-enabled": "yes",
  "syslog-ident": "x",
  "syslog-facility": "local7",
  dir: "/work",
  "oom-score-adj": "yes",
  requirepass: "x",
  aclfile: "/a",
  "acllog-max-len": "7",
  "acl-pubsub-default": "allchannels",
  "client-query-buffer-limit": "7mb",
  "maxmemory-clients": "7mb",
  "proto-max-bulk-len": "7mb",
  "client-output-buffer-limit": "pubsub 7mb 7mb 7",
  "bind-source-addr": "10.0.0.1",
  "tls-replication": "yes",
  "set-proc-title": "no",
  "proc-title-template": "x",
  "always-show-logo": "yes",
  "tls-cert-file": "x",
  "tls-key-file": "x",
  "tls-key-file-pass": "x",
  "tls-client-cert-file": "x",
  "tls-client-key-file": "x",
  "tls-client-key-file-pass": "x",
  "tls-dh-params-file": "x",
  "tls-ca-cert-file": "x",
  "tls-ca-cert-dir": "x",
  "tls-ciphers": "x",
  "tls-ciphersuites": "x",
  "tls-groups": "X25519",
  "tls-expected-peer-name": "x",
  "tls-protocols": "TLSv1.3",
  "tls-auth-clients": "no",
  "tls-auth-clients-user": "CN",
  "tls-auto-reload-interval": "7",
  "tls-prefer-server-ciphers": "yes",
};

/** Checked and dropped at the first rewrite, as C does: there is nothing to save. */
export const DROPPED: ReadonlySet<string> = new Set([
  "save",
  "lua-replicate-commands",
  "list-max-ziplist-entries",
  "list-max-ziplist-value",
]);

/** What one line says of the whole Sentinel, or of the master `m`, by the version that brought it. */
export const SENTINEL_LINES: Readonly<Record<string, readonly string[]>> = {
  "Redis 6.2": [
    "monitor x 127.0.0.1 6379 2",
    "down-after-milliseconds m 7",
    "failover-timeout m 7",
    "parallel-syncs m 7",
    "notification-script m /bin/true",
    "client-reconfig-script m /bin/true",
    "auth-pass m secret",
    "auth-user m someone",
    "announce-ip 10.0.0.9",
    "announce-port 7",
    "sentinel-user someone",
    "sentinel-pass secret",
    "deny-scripts-reconfig no",
    "resolve-hostnames yes",
    "announce-hostnames yes",
    "rename-command m GET x",
    "current-epoch 7",
    "config-epoch m 7",
    "leader-epoch m 7",
    "known-replica m 10.0.0.2 7",
    "known-slave m 10.0.0.2 7",
    "known-sentinel m 10.0.0.3 7 eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
    "myid eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
  ],
  "Redis 7.0": ["master-reboot-down-after-period m 7"],
  "Valkey 8.0": ["primary-reboot-down-after-period m 7"],
};

/** Lines that are no directives of their own, and what they change. */
export const OTHER_LINES: readonly (readonly [line: string, what: "server" | "nothing"])[] = [
  ["user someone on nopass +ping", "server"],
  ["rename-command PING x", "server"],
  ["include i", "server"],
  // No Sentinel loads modules, C neither.
  ["loadmodule /m.so", "nothing"],
  ["bf.initial-size 7", "nothing"],
];
