import type { LogThreshold } from "../core/effect.ts";
import type { DirectiveValue } from "./directive-kinds.ts";
import { DIRECTIVES } from "./directives.ts";
import { memoryValue } from "./numbers.ts";
import type { OutputBufferLimit, ServerConfig, TlsConfig } from "./server-config.ts";
import { wordsOf } from "./special-directives.ts";

const DEFAULTS: ReadonlyMap<string, DirectiveValue> = new Map(
  DIRECTIVES.map((directive) => [directive.name, directive.sentinelDefault]),
);

const LEAST_FOR_CLIENTS_BYTES = 128 * 1024;

/** What the generic part of a file says, in the parts that a Sentinel acts on. */
interface Given {
  readonly values: ReadonlyMap<string, DirectiveValue>;
  readonly users: ServerConfig["users"];
  readonly renamedCommands: ServerConfig["renamedCommands"];
}

/** The typed values of those directives that a Sentinel acts on. */
export function toServerConfig({ values, users, renamedCommands }: Given): ServerConfig {
  const read = readerOf(values);
  return {
    port: read.number("port"),
    tlsPort: read.number("tls-port"),
    bind: read.words("bind"),
    unixsocket: read.text("unixsocket"),
    unixsocketperm: read.number("unixsocketperm"),
    unixsocketgroup: read.text("unixsocketgroup"),
    hz: read.number("hz"),
    protectedMode: read.flag("protected-mode"),
    tcpBacklog: read.number("tcp-backlog"),
    tcpKeepaliveSeconds: read.number("tcp-keepalive"),
    timeoutSeconds: read.number("timeout"),
    maxclients: read.number("maxclients"),
    daemonize: read.flag("daemonize"),
    supervised: read.choice<ServerConfig["supervised"]>("supervised"),
    pidfile: read.text("pidfile"),
    loglevel: read.choice<LogThreshold>("loglevel"),
    logFormat: read.choice<ServerConfig["logFormat"]>("log-format"),
    logTimestampFormat: read.choice<ServerConfig["logTimestampFormat"]>("log-timestamp-format"),
    logfile: read.text("logfile") ?? "",
    syslogEnabled: read.flag("syslog-enabled"),
    syslogIdent: read.text("syslog-ident") ?? "",
    syslogFacility: read.text("syslog-facility") ?? "",
    oomScoreAdj: oomScoreAdj(read),
    dir: read.text("dir"),
    requirepass: read.text("requirepass"),
    users,
    aclfile: read.text("aclfile"),
    acllogMaxLen: read.number("acllog-max-len"),
    aclPubsubDefault: read.choice<ServerConfig["aclPubsubDefault"]>("acl-pubsub-default"),
    clientQueryBufferLimitBytes: read.number("client-query-buffer-limit"),
    protoMaxBulkLenBytes: read.number("proto-max-bulk-len"),
    maxmemoryClientsBytes: clientsLimit(read.number("maxmemory-clients"), read.number("maxmemory")),
    clientOutputBufferLimit: outputBufferLimits(read.words("client-output-buffer-limit")),
    bindSourceAddr: read.text("bind-source-addr"),
    tls: tlsConfig(read),
    tlsReplication: read.flag("tls-replication"),
    setProcTitle: read.flag("set-proc-title"),
    procTitleTemplate: read.text("proc-title-template") ?? "",
    alwaysShowLogo: read.flag("always-show-logo"),
    renamedCommands,
  };
}

interface Reader {
  number(name: string): number;
  flag(name: string): boolean;
  text(name: string): string | null;
  words(name: string): readonly string[];
  /** One of the words that the directive's own check lets through. */
  choice<T extends string>(name: string): T;
}

function readerOf(values: ReadonlyMap<string, DirectiveValue>): Reader {
  const value = (name: string) => values.get(name) ?? DEFAULTS.get(name) ?? null;
  const text = (name: string) => {
    const given = value(name);
    return typeof given === "string" ? given : null;
  };
  return {
    number: (name) => Number(value(name)),
    flag: (name) => value(name) === true,
    text,
    words: (name) => wordsOf(value(name)),
    choice: <T extends string>(name: string) => text(name) as T,
  };
}

/** The first of the values is for a master, the second for a replica, as which C takes a `replicaof`. */
function oomScoreAdj(read: Reader): ServerConfig["oomScoreAdj"] {
  const mode = read.choice<"no" | "yes" | "relative" | "absolute">("oom-score-adj");
  if (mode === "no") return null;
  const at = read.words("replicaof").length === 0 ? 0 : 1;
  return { value: Number(read.words("oom-score-adj-values")[at]), isRelative: mode !== "absolute" };
}

/** As getClientEvictionLimit: a percentage, a negative number here, is one of `maxmemory`. */
function clientsLimit(value: number, maxmemoryBytes: number): number | null {
  const bytes = value < 0 ? Math.floor((-value / 100) * maxmemoryBytes) : value;
  return bytes === 0 ? null : Math.max(bytes, LEAST_FOR_CLIENTS_BYTES);
}

function tlsConfig(read: Reader): TlsConfig {
  return {
    certFile: read.text("tls-cert-file"),
    keyFile: read.text("tls-key-file"),
    keyFilePass: read.text("tls-key-file-pass"),
    clientCertFile: read.text("tls-client-cert-file"),
    clientKeyFile: read.text("tls-client-key-file"),
    clientKeyFilePass: read.text("tls-client-key-file-pass"),
    dhParamsFile: read.text("tls-dh-params-file"),
    caCertFile: read.text("tls-ca-cert-file"),
    caCertDir: read.text("tls-ca-cert-dir"),
    authClients: read.choice<TlsConfig["authClients"]>("tls-auth-clients"),
    authClientsUser: read.choice<TlsConfig["authClientsUser"]>("tls-auth-clients-user"),
    autoReloadSeconds: read.number("tls-auto-reload-interval"),
    protocols: read.text("tls-protocols"),
    ciphers: read.text("tls-ciphers"),
    ciphersuites: read.text("tls-ciphersuites"),
    groups: read.text("tls-groups"),
    expectedPeerNames: (read.text("tls-expected-peer-name") ?? "").split(" ").filter(Boolean),
    preferServerCiphers: read.flag("tls-prefer-server-ciphers"),
  };
}

function outputBufferLimits([
  normal = "",
  replica = "",
  pubsub = "",
]: readonly string[]): ServerConfig["clientOutputBufferLimit"] {
  return {
    normal: outputBufferLimit(normal),
    replica: outputBufferLimit(replica),
    pubsub: outputBufferLimit(pubsub),
  };
}

/** From the form `class hard soft seconds` in which special-directives.ts keeps a limit. */
function outputBufferLimit(line: string): OutputBufferLimit {
  const [, hard = "0", soft = "0", seconds = "0"] = line.split(" ");
  return {
    hardBytes: Number(memoryValue(hard)),
    softBytes: Number(memoryValue(soft)),
    softSeconds: Number(seconds),
  };
}
