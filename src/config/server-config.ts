import type { PubsubDefault } from "../acl/user.ts";
import type { LogThreshold } from "../core/effect.ts";

/**
 * The generic directives that a Sentinel acts on, with the defaults of Sentinel mode
 * [FILE-GENERIC]. Every other directive of a Redis server is accepted and kept in the file.
 * Text is byte strings (latin1).
 */
export interface ServerConfig {
  /** 0: no plain TCP listener. */
  readonly port: number;
  readonly tlsPort: number;
  /** As written: a leading `-` makes an address optional. Empty: no TCP listener. */
  readonly bind: readonly string[];
  readonly unixsocket: string | null;
  /** Octal mode already parsed; 0: as the umask leaves it. */
  readonly unixsocketperm: number;
  /** Name or number of the group that owns the socket; null: our own (Valkey 8.0). */
  readonly unixsocketgroup: string | null;
  /** What INFO shows; our own clock is not set by it. */
  readonly hz: number;
  readonly protectedMode: boolean;
  readonly tcpBacklog: number;
  readonly tcpKeepaliveSeconds: number;
  /** 0: idle clients are never closed. */
  readonly timeoutSeconds: number;
  readonly maxclients: number;
  readonly daemonize: boolean;
  readonly supervised: "no" | "upstart" | "systemd" | "auto";
  readonly pidfile: string | null;
  readonly loglevel: LogThreshold;
  /** Empty: standard output. */
  readonly logfile: string;
  /** Of Valkey 8.1. */
  readonly logFormat: "legacy" | "logfmt";
  readonly logTimestampFormat: "legacy" | "iso8601" | "milliseconds";
  readonly syslogEnabled: boolean;
  readonly syslogIdent: string;
  readonly syslogFacility: string;
  /** What the kernel is told, beside what it knew or in place of it; null: nothing. */
  readonly oomScoreAdj: { readonly value: number; readonly isRelative: boolean } | null;
  /** The folder to change to; null: stay. */
  readonly dir: string | null;
  readonly requirepass: string | null;
  /** The words after `user` of each line, in file order. */
  readonly users: readonly (readonly string[])[];
  readonly aclfile: string | null;
  readonly acllogMaxLen: number;
  readonly aclPubsubDefault: PubsubDefault;
  readonly clientQueryBufferLimitBytes: number;
  readonly protoMaxBulkLenBytes: number;
  /** What all clients together may take; null: no limit of the file. */
  readonly maxmemoryClientsBytes: number | null;
  readonly clientOutputBufferLimit: {
    readonly normal: OutputBufferLimit;
    readonly replica: OutputBufferLimit;
    readonly pubsub: OutputBufferLimit;
  };
  /** Local address of outgoing links. */
  readonly bindSourceAddr: string | null;
  readonly tls: TlsConfig;
  /** Every outgoing link uses TLS. */
  readonly tlsReplication: boolean;
  readonly setProcTitle: boolean;
  readonly procTitleTemplate: string;
  readonly alwaysShowLogo: boolean;
  /** Our own command table: old name, new name (empty: removed). */
  readonly renamedCommands: readonly (readonly [from: string, to: string])[];
}

/** 0 bytes: no limit. The soft limit closes after it was exceeded for softSeconds. */
export interface OutputBufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface TlsConfig {
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly keyFilePass: string | null;
  readonly clientCertFile: string | null;
  readonly clientKeyFile: string | null;
  readonly clientKeyFilePass: string | null;
  readonly dhParamsFile: string | null;
  readonly caCertFile: string | null;
  readonly caCertDir: string | null;
  readonly authClients: "yes" | "no" | "optional";
  /** What of a client's certificate names the user that it is. */
  readonly authClientsUser: "off" | "CN" | "URI";
  /** How often at most the listener looks whether its files changed; 0: never. */
  readonly autoReloadSeconds: number;
  readonly protocols: string | null;
  readonly ciphers: string | null;
  readonly ciphersuites: string | null;
  /** Of Redis 8.12: the groups of the key exchange in OpenSSL's form, `X25519:P-256`. */
  readonly groups: string | null;
  readonly preferServerCiphers: boolean;
  /** Of Redis 8.10: one of them is in the certificate of whom we connect to; empty: any may be. */
  readonly expectedPeerNames: readonly string[];
}
