import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext, type SecureVersion, type TlsOptions } from "node:tls";
import { bytesOf, textOf } from "../config/bytes.ts";
import type { TlsConfig } from "../config/server-config.ts";
import type { ServerHost } from "./host.ts";
import { strerror } from "./strerror.ts";

/** What logs the cause of a failure. */
type Logger = Pick<ServerHost, "log">;

const FAILED = "Failed to configure TLS. Check logs for more info.";
const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  tlsv1: "TLSv1",
  "tlsv1.1": "TLSv1.1",
  "tlsv1.2": "TLSv1.2",
  "tlsv1.3": "TLSv1.3",
};

/** The options of our TLS listener; throws the operator's sentence after logging the cause. */
export function loadTlsOptions(tls: TlsConfig, host: Logger): TlsOptions {
  if (tls.certFile === null) fail(host, "No tls-cert-file configured!");
  if (tls.keyFile === null) fail(host, "No tls-key-file configured!");
  if (tls.caCertFile === null && tls.caCertDir === null && tls.authClients !== "no") {
    fail(
      host,
      "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!",
    );
  }
  const ciphers = [tls.ciphersuites, tls.ciphers].filter((list) => list !== null).join(":");
  return {
    cert: readPem(host, "certificate", tls.certFile),
    key: readPem(host, "private key", tls.keyFile),
    ...(tls.keyFilePass !== null && { passphrase: textOf(tls.keyFilePass) }),
    ...(hasAuthorities(tls) && { ca: readAuthorities(host, tls) }),
    ...(tls.dhParamsFile !== null && { dhparam: readPem(host, "DH parameters", tls.dhParamsFile) }),
    ...(ciphers !== "" && { ciphers }),
    ...(tls.groups !== null && { ecdhCurve: checkGroups(host, tls.groups) }),
    ...protocolRange(host, tls.protocols),
    honorCipherOrder: tls.preferServerCiphers,
    requestCert: tls.authClients !== "no",
    rejectUnauthorized: tls.authClients === "yes",
  };
}

function fail(host: Logger, cause: string): never {
  host.log("warning", cause);
  throw new Error(FAILED);
}

function readPem(host: Logger, what: string, path: string): Buffer {
  try {
    return readFileSync(textOf(path));
  } catch (cause) {
    return fail(host, `Failed to load ${what}: ${path}: ${strerror(cause)}`);
  }
}

function checkGroups(host: Logger, groups: string): string {
  try {
    createSecureContext({ ecdhCurve: groups });
    return groups;
  } catch {
    return fail(host, `Failed to configure TLS groups: ${groups}: OpenSSL does not know them`);
  }
}

function hasAuthorities(tls: TlsConfig): boolean {
  return tls.caCertFile !== null || tls.caCertDir !== null;
}

/** OpenSSL looks certificates up in the folder by hash; we read them all once. */
function readAuthorities(host: Logger, tls: TlsConfig): Buffer[] {
  const files = tls.caCertFile === null ? [] : [tls.caCertFile];
  const paths = tls.caCertDir === null ? files : [...files, ...listFolder(host, tls.caCertDir)];
  return paths.map((path) => readPem(host, "CA certificate", path));
}

function listFolder(host: Logger, folder: string): string[] {
  try {
    const entries = readdirSync(textOf(folder), { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => join(folder, bytesOf(name)));
  } catch (cause) {
    return fail(host, `Failed to read CA certificates in ${folder}: ${strerror(cause)}`);
  }
}

/** `tls-protocols "TLSv1.2 TLSv1.3"` as the least and the greatest version named. */
function protocolRange(host: Logger, protocols: string | null): TlsOptions {
  const words = (protocols ?? "").split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return { minVersion: "TLSv1.2" };
  const named = words.map((word) => VERSIONS[word.toLowerCase()]);
  if (named.includes(undefined))
    fail(
      host,
      "Invalid tls-protocols specified. Use a combination of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3.",
    );
  const ordered = Object.values(VERSIONS).filter((version) => named.includes(version));
  const minVersion = ordered[0] ?? "TLSv1.2";
  return { minVersion, maxVersion: ordered.at(-1) ?? minVersion };
}
