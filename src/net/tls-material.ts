import { createSecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";
import { strerror } from "../base/errno.ts";
import type { TlsConfig } from "../config/server-config.ts";
import type { TlsSource } from "./tls-source.ts";

// What the listener and the links read of the `tls-` directives and of the files that they name.

/** A directive or a file that cannot be used, in the operator's words. */
export class TlsMistake extends Error {}

/** @throws TlsMistake */
export function readPem(source: TlsSource, what: string, path: string): Buffer {
  return attempt(`Failed to load ${what}: ${path}`, () => source.read(path));
}

export function hasAuthorities({ caCertFile, caCertDir }: TlsConfig): boolean {
  return caCertFile !== null || caCertDir !== null;
}

/**
 * The certificates of `tls-ca-cert-file` and `tls-ca-cert-dir`. An empty list trusts nobody; without one Node trusts
 * every public authority.
 *
 * @throws TlsMistake
 */
export function readAuthorities(source: TlsSource, { caCertFile, caCertDir }: TlsConfig): Buffer[] {
  const files = caCertFile === null ? [] : [caCertFile];
  const all = caCertDir === null ? files : files.concat(filesOfFolder(source, caCertDir));
  return all.map((file) => readPem(source, "CA certificate", file));
}

function filesOfFolder(source: TlsSource, folder: string): readonly string[] {
  return attempt(`Failed to read CA certificates in ${folder}`, () => source.list(folder));
}

/** `tls-ciphers`, `tls-ciphersuites`, `tls-groups` and `tls-protocols`. @throws TlsMistake */
export function handshakeOptions(tls: TlsConfig): SecureContextOptions {
  const ciphers = [tls.ciphersuites, tls.ciphers].filter((list) => list !== null).join(":");
  return {
    ...(ciphers !== "" && { ciphers }),
    ...(tls.groups !== null && { ecdhCurve: knownGroups(tls.groups) }),
    ...protocolRange(tls.protocols),
  };
}

function knownGroups(groups: string): string {
  try {
    createSecureContext({ ecdhCurve: groups });
    return groups;
  } catch {
    throw new TlsMistake(`Failed to configure TLS groups: ${groups}: OpenSSL does not know them`);
  }
}

const VERSIONS: readonly SecureVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** `tls-protocols "TLSv1.2 TLSv1.3"`: Node knows the least and the greatest only. */
function protocolRange(protocols: string | null): SecureContextOptions {
  const words = (protocols ?? "").split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return { minVersion: "TLSv1.2" };
  const named = words
    .map((word) => VERSIONS.findIndex((one) => one.toLowerCase() === word.toLowerCase()))
    .sort((a, b) => a - b);
  const [least, greatest] = [VERSIONS[named[0] ?? -1], VERSIONS[named.at(-1) ?? -1]];
  if (least === undefined || greatest === undefined) {
    throw new TlsMistake(
      "Invalid tls-protocols specified. Use a combination of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3.",
    );
  }
  return { minVersion: least, maxVersion: greatest };
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new TlsMistake(`${what}: ${strerror(cause)}`);
  }
}
