import { X509Certificate } from "node:crypto";
import { createSecureContext, type TlsOptions } from "node:tls";
import { strerror } from "../base/errno.ts";
import type { TlsConfig } from "../config/server-config.ts";
import { fingerprintOf } from "../net/tls-material.ts";
import type { ServerHost } from "./host.ts";
import { loadTlsOptions } from "./tls-options.ts";

type Host = Pick<ServerHost, "log" | "now">;

/**
 * What our TLS listeners use. With `tls-auto-reload-interval` (Valkey 9.1) the files are read again
 * when they changed: looked at when a connection comes, so often at most. New files that cannot be
 * used are named in the log, and the old ones stay in use.
 */
export class ListenerTls {
  #config: TlsConfig;
  readonly #host: Host;
  #options: TlsOptions;
  #fingerprint: string;
  #lookedAtMs: number;
  /** The last problem told. */
  #told: string | null = null;

  /** When the certificate in use ends, in ms since 1970; null: it does not say. */
  get endsAt(): number | null {
    const { cert } = this.#options;
    return cert instanceof Buffer ? certificateEnd(cert) : null;
  }

  /** Throws the operator's sentence after logging the cause. */
  constructor(config: TlsConfig, host: Host) {
    this.#config = config;
    this.#host = host;
    this.#options = loadTlsOptions(config, host);
    this.#fingerprint = this.#look();
    this.#lookedAtMs = host.now();
  }

  /** The same object until the files change. */
  current(): TlsOptions {
    const { autoReloadSeconds } = this.#config;
    const now = this.#host.now();
    if (autoReloadSeconds === 0 || now - this.#lookedAtMs < autoReloadSeconds * 1000) {
      return this.#options;
    }
    this.reload();
    return this.#options;
  }

  /** Other files from the next connection on; they were found to be usable. */
  configure(config: TlsConfig): void {
    if (config === this.#config) return;
    this.#config = config;
    this.#fingerprint = "";
    this.reload();
  }

  /** Looks now. */
  reload(): void {
    this.#lookedAtMs = this.#host.now();
    try {
      this.#readIfChanged();
    } catch (error) {
      this.#tell(strerror(error));
    }
  }

  #look(): string {
    const { certFile, keyFile, dhParamsFile, caCertFile, caCertDir } = this.#config;
    return fingerprintOf([certFile, keyFile, dhParamsFile, caCertFile, caCertDir]);
  }

  #readIfChanged(): void {
    // Looked at before they are read: what changes meanwhile is seen the next time.
    const fingerprint = this.#look();
    if (fingerprint === this.#fingerprint) return;
    let cause: string | null = null;
    const log = (_level: unknown, text: string) => {
      cause = text;
    };
    try {
      const options = loadTlsOptions(this.#config, { log });
      createSecureContext(options);
      this.#options = options;
    } catch (error) {
      this.#tell(cause ?? strerror(error));
      return;
    }
    this.#fingerprint = fingerprint;
    this.#told = null;
    this.#host.log("notice", "The TLS files of the listener have changed and were read again");
  }

  #tell(problem: string): void {
    if (this.#told === problem) return;
    this.#told = problem;
    this.#host.log(
      "warning",
      `The new TLS files of the listener are not usable (${problem}), the old stay in use`,
    );
  }
}

/** When the first certificate of this text ends, in ms since 1970; null: it does not say. */
function certificateEnd(pem: Buffer): number | null {
  const endsAt = Date.parse(new X509Certificate(pem).validTo);
  return Number.isNaN(endsAt) ? null : endsAt;
}
