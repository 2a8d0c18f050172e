import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
} from "node:tls";
import { textOf } from "../../base/bytes.ts";
import { strerror } from "../../base/errno.ts";
import type { TlsConfig } from "../../config/server-config.ts";
import {
  fingerprintOf,
  handshakeOptions,
  hasAuthorities,
  readAuthorities,
  readPem,
} from "../../net/tls-material.ts";

/**
 * The TLS side of our outgoing links. The files are read again when one of them changed, so that
 * a renewed certificate needs no restart [D-RENEWED].
 */
export class TlsClient {
  #config: TlsConfig;
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

  /** Other files from the next connection on; they were found to be usable. */
  configure(config: TlsConfig): void {
    this.#config = config;
  }

  /** Looks now, so that what is wrong with new files is told before the next connection. */
  reload(): void {
    this.context();
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
export function clientOptions(config: TlsConfig): SecureContextOptions {
  const ownClientCert = config.clientCertFile !== null;
  const cert = ownClientCert ? config.clientCertFile : config.certFile;
  const key = ownClientCert ? config.clientKeyFile : config.keyFile;
  const passphrase = ownClientCert ? config.clientKeyFilePass : config.keyFilePass;
  return {
    ...(cert !== null && { cert: readPem("certificate", cert) }),
    ...(key !== null && { key: readPem("private key", key) }),
    ...(passphrase !== null && { passphrase: textOf(passphrase) }),
    ...(hasAuthorities(config) && { ca: readAuthorities(config) }),
    ...handshakeOptions(config),
  };
}

function filesOf(config: TlsConfig): (string | null)[] {
  const { certFile, keyFile, clientCertFile, clientKeyFile, caCertFile, caCertDir } = config;
  return [certFile, keyFile, clientCertFile, clientKeyFile, caCertFile, caCertDir];
}
