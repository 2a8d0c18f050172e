import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterOptions } from "../support/cluster.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";
import type { ClientSpec } from "./registry.ts";

export const sceneryNames = ["plain", "auth", "tls"] as const;
export type SceneryName = (typeof sceneryNames)[number];

export const sentinelKinds = {
  ours: ["ours", "ours", "ours"],
  c: ["c", "c", "c"],
  mixed: ["ours", "c", "c"],
} as const satisfies Record<string, readonly SentinelKind[]>;

export type KindName = keyof typeof sentinelKinds;

/** What a cluster is started with, and what its clients must know. */
export interface Scenery {
  readonly cluster: ClusterOptions;
  clientEnv(client: ClientSpec): Readonly<Record<string, string>>;
}

/** The same for all kinds: with less, C Sentinels fail over twice (see quietDownAfterMs). */
const downAfterMs = 2000;

/** natMap clients come by 127.0.0.2. */
const bind = "bind 127.0.0.1 127.0.0.2";

export function scenery(name: SceneryName, kind: KindName, folder: string): Scenery {
  const common = { sentinels: sentinelKinds[kind], downAfterMs };
  switch (name) {
    case "plain":
      return { cluster: { ...common, redis: { config: [bind] } }, clientEnv: () => ({}) };
    case "auth":
      return withAccounts(common);
    case "tls":
      return withTls(common, folder);
    default:
      return name satisfies never;
  }
}

/** requirepass for the default user, an ACL user for applications, on both sides. */
const redisPassword = "redis-default-secret";
const sentinelPassword = "sentinel-default-secret";
const appUser = "app";
const redisAppPassword = "redis-app-secret";
const sentinelAppPassword = "sentinel-app-secret";

/** What a client library needs of a Sentinel, and nothing that changes one. */
const sentinelRights = [
  "allchannels -@all +auth +hello +ping +client +role +info",
  "+subscribe +psubscribe +unsubscribe +punsubscribe",
  "+sentinel|get-master-addr-by-name +sentinel|master +sentinel|masters",
  "+sentinel|replicas +sentinel|slaves +sentinel|sentinels",
].join(" ");

function withAccounts(common: ClusterOptions): Scenery {
  const config = [
    bind,
    `requirepass ${redisPassword}`,
    `masterauth ${redisPassword}`,
    `user ${appUser} on >${redisAppPassword} ~* &* +@all`,
  ];
  const sentinelConfig = [
    `requirepass ${sentinelPassword}`,
    `sentinel sentinel-pass ${sentinelPassword}`,
    `sentinel auth-pass mymaster ${redisPassword}`,
    `user ${appUser} on >${sentinelAppPassword} ${sentinelRights}`,
  ];
  return {
    cluster: {
      ...common,
      redis: { config, credentials: { password: redisPassword } },
      sentinelCredentials: { password: sentinelPassword },
      sentinelConfig: () => sentinelConfig,
    },
    clientEnv: ({ passwordOnly = false }) =>
      passwordOnly
        ? { REDIS_PASSWORD: redisPassword, SENTINEL_PASSWORD: sentinelPassword }
        : {
            REDIS_USERNAME: appUser,
            REDIS_PASSWORD: redisAppPassword,
            SENTINEL_USERNAME: appUser,
            SENTINEL_PASSWORD: sentinelAppPassword,
          },
  };
}

function withTls(common: ClusterOptions, folder: string): Scenery {
  const { certificate, key } = makeCertificate(folder);
  const tls = { ca: readFileSync(certificate) };
  const config = [
    `tls-cert-file ${certificate}`,
    `tls-key-file ${key}`,
    `tls-ca-cert-file ${certificate}`,
    "tls-auth-clients no",
    "tls-replication yes",
  ];
  return {
    cluster: {
      ...common,
      redis: { tls: true, config, credentials: { tls } },
      sentinelTls: true,
      sentinelCredentials: { tls },
      sentinelConfig: () => config,
    },
    // SSL_CERT_FILE: for those who trust what OpenSSL trusts, and cannot be told.
    clientEnv: () => ({ TLS_CA: certificate, SSL_CERT_FILE: certificate }),
  };
}

/** One self-signed certificate of 127.0.0.1 that serves as authority too. */
export function makeCertificate(folder: string): {
  readonly certificate: string;
  readonly key: string;
} {
  const [certificate, key] = [join(folder, "clients.crt"), join(folder, "clients.key")];
  const options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
  const args = ["req", "-x509", ...options, ...names, "-keyout", key, "-out", certificate];
  execFileSync("openssl", args, { stdio: "ignore" });
  return { certificate, key };
}
