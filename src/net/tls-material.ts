import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";
import { bytesOf, textOf } from "../base/bytes.ts";
import { strerror } from "../base/errno.ts";
import type { TlsConfig } from "../config/server-config.ts";

// What the listener and the links read of the `tls-` directives and of the files that they name.

/** A directive or a file that cannot be used, in the operator's words. */
export class TlsMistake extends Error {}

/** @throws TlsMistake */
export function readPem(what: string, path: string): Buffer {
  return attempt(`Failed to load ${what}: ${path}`, () => readFileSync(textOf(path)));
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
export function readAuthorities({ caCertFile, caCertDir }: TlsConfig): Buffer[] {
  const files = caCertFile === null ? [] : [caCertFile];
  const all = caCertDir === null ? files : files.concat(filesOfFolder(caCertDir));
  return all.map((file) => readPem("CA certificate", file));
}

/** OpenSSL finds certificates by hashed names such as 9d66eef0.0; other files are not meant. */
function filesOfFolder(folder: string): string[] {
  const names = attempt(`Failed to read CA certificates in ${folder}`, () =>
    readdirSync(textOf(folder)),
  );
  return names
    .filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name))
    .map((name) => join(folder, bytesOf(name)));
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

/** Changes when one of the files is written or replaced; null ones are left out. Throws if one is gone. */
export function fingerprintOf(files: readonly (string | null)[]): string {
  return files.map((file) => (file === null ? "" : fileFingerprint(textOf(file)))).join(" ");
}

function fileFingerprint(file: string): string {
  const { ino, size, mtimeMs } = statSync(file);
  return `${ino}:${size}:${mtimeMs}`;
}

function attempt<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new TlsMistake(`${what}: ${strerror(cause)}`);
  }
}
