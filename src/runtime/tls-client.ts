import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
} from "node:tls";
import type { TlsConfig } from "../config/server-config.ts";
import { fingerprintOf } from "../server/tls-files.ts";
import { textOf } from "./bytes.ts";
import { strerror } from "./errno.ts";

type ProtocolVersion = NonNullable<SecureContextOptions["minVersion"]>;

/**
 * The TLS side of our outgoing links. The files are read again when one of them changed, so that
 * a renewed certificate needs no restart [D-RENEWED].
 */
export class TlsClient {
  readonly #config: TlsConfig;
  readonly #warn: (text: string) => void;
  #loaded: { readonly context: SecureContext; readonly fingerprint: string } | null = null;
  /** The last problem told, so that a thousand reconnects tell it once. */
  #told: string | null = null;

  constructor(config: TlsConfig, warn: (text: string) => void) {
    this.#config = config;
    this.#warn = warn;
  }

  /** Throws when the files were never usable; later the last good ones are kept until they are. */
  context(): SecureContext {
    try {
      return this.#fresh();
    } catch (error) {
      if (this.#loaded === null) throw error;
      this.#tell(strerror(error));
      return this.#loaded.context;
    }
  }

  /**
   * The chain must lead to our authority. The name is compared only with `tls-expected-peer-name`
   * [D-PEER-NAME], not
   * with the address as which replicas and Sentinels are discovered: certificates rarely list that.
   */
  checkIdentity(certificate: PeerCertificate): Error | undefined {
    const names = this.#config.expectedPeerNames;
    const fits = names.some((name) => checkServerIdentity(name, certificate) === undefined);
    if (fits || names.length === 0) return undefined;
    return new Error("it has none of the names of tls-expected-peer-name");
  }

  #fresh(): SecureContext {
    const fingerprint = fingerprintOf(filesOf(this.#config));
    if (this.#loaded?.fingerprint !== fingerprint) {
      this.#loaded = { context: createSecureContext(clientOptions(this.#config)), fingerprint };
      this.#told = null;
    }
    return this.#loaded.context;
  }

  #tell(problem: string): void {
    if (this.#told === problem) return;
    this.#told = problem;
    this.#warn(
      `The new TLS files of outgoing links are not usable (${problem}), the old stay in use`,
    );
  }
}

/** The client certificate, or else the server's, as the reference. */
function clientOptions(config: TlsConfig): SecureContextOptions {
  const ownClientCert = config.clientCertFile !== null;
  const cert = ownClientCert ? config.clientCertFile : config.certFile;
  const key = ownClientCert ? config.clientKeyFile : config.keyFile;
  const passphrase = ownClientCert ? config.clientKeyFilePass : config.keyFilePass;
  return {
    ...(cert === null ? {} : { cert: read(cert) }),
    ...(key === null ? {} : { key: read(key) }),
    ...(passphrase === null ? {} : { passphrase: textOf(passphrase) }),
    ...authorities(config),
    ...ciphersOf(config),
    ...(config.groups === null ? {} : { ecdhCurve: config.groups }),
    ...versionsOf(config.protocols),
  };
}

function authorities(config: TlsConfig): SecureContextOptions {
  const files = authorityFiles(config);
  return files.length === 0 ? {} : { ca: files.map((file) => readFileSync(file)) };
}

function authorityFiles(config: TlsConfig): string[] {
  const files = config.caCertFile === null ? [] : [textOf(config.caCertFile)];
  if (config.caCertDir === null) return files;
  const folder = textOf(config.caCertDir);
  // OpenSSL finds certificates by hashed names such as 9d66eef0.0; other files are not meant.
  const hashed = readdirSync(folder).filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name));
  return files.concat(hashed.map((name) => join(folder, name)));
}

function ciphersOf(config: TlsConfig): SecureContextOptions {
  const lists = [config.ciphersuites, config.ciphers].filter((list) => list !== null);
  return lists.length === 0 ? {} : { ciphers: lists.join(":") };
}

const VERSIONS: readonly ProtocolVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** `tls-protocols "TLSv1.2 TLSv1.3"`: Node knows the lowest and the highest only. */
function versionsOf(protocols: string | null): SecureContextOptions {
  if (protocols === null) return {};
  const words = protocols.toLowerCase().split(/\s+/);
  const allowed = VERSIONS.filter((version) => words.includes(version.toLowerCase()));
  const [minVersion] = allowed;
  const maxVersion = allowed.at(-1);
  return minVersion === undefined || maxVersion === undefined ? {} : { minVersion, maxVersion };
}

function filesOf(config: TlsConfig): (string | null)[] {
  const { certFile, keyFile, clientCertFile, clientKeyFile, caCertFile, caCertDir } = config;
  return [certFile, keyFile, clientCertFile, clientKeyFile, caCertFile, caCertDir];
}

function read(file: string): Buffer {
  return readFileSync(textOf(file));
}
