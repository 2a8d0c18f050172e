import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
} from "node:tls";
import { textOf } from "../../base/bytes.ts";
import type { TlsConfig } from "../../config/server-config.ts";
import { TlsFiles, type TlsNews } from "../../net/tls-files.ts";
import {
  handshakeOptions,
  hasAuthorities,
  readAuthorities,
  readPem,
} from "../../net/tls-material.ts";
import { DISK, type TlsSource } from "../../net/tls-source.ts";

/** The TLS side of our outgoing links. */
export class TlsClient {
  #config: TlsConfig;
  readonly files: TlsFiles<SecureContext>;

  /** Waits for the disk; throws what says why the files cannot be used. */
  constructor(config: TlsConfig, news: TlsNews) {
    this.#config = config;
    const make = (tls: TlsConfig, source: TlsSource) =>
      createSecureContext(clientOptions(tls, source));
    this.files = new TlsFiles(config, { user: "links", paths: pathsOf, make }, news);
  }

  /** For one connection. */
  get context(): SecureContext {
    return this.files.current;
  }

  /** Other files from the next connection on; they were found to be usable. */
  configure(config: TlsConfig): void {
    this.#config = config;
    this.files.configure(config);
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
}

/** The client certificate, or else the server's, as the reference. */
export function clientOptions(config: TlsConfig, source: TlsSource = DISK): SecureContextOptions {
  const ownClientCert = config.clientCertFile !== null;
  const cert = ownClientCert ? config.clientCertFile : config.certFile;
  const key = ownClientCert ? config.clientKeyFile : config.keyFile;
  const passphrase = ownClientCert ? config.clientKeyFilePass : config.keyFilePass;
  return {
    ...(cert !== null && { cert: readPem(source, "certificate", cert) }),
    ...(key !== null && { key: readPem(source, "private key", key) }),
    ...(passphrase !== null && { passphrase: textOf(passphrase) }),
    ...(hasAuthorities(config) && { ca: readAuthorities(source, config) }),
    ...handshakeOptions(config),
  };
}

function pathsOf(config: TlsConfig) {
  const { certFile, keyFile, clientCertFile, clientKeyFile, caCertFile, caCertDir } = config;
  return { others: [certFile, keyFile, clientCertFile, clientKeyFile], caCertFile, caCertDir };
}
