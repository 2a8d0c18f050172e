import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TlsClient } from "./tls-client.ts";

/** Where a link goes: `host` as configured or announced, `ip` what it resolved to. */
export interface Target {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
}

/** Opens the socket of a link: bind-source-addr, tls-replication. */
export class Dialer {
  readonly #localAddress: string | null;
  readonly #tls: TlsClient | null;
  readonly #onTlsDial: () => void;

  /** `tls`: null for plain TCP. `onTlsDial`: hears of each connection that has taken what `tls` knows. */
  constructor(
    localAddress: string | null,
    tls: TlsClient | null,
    onTlsDial: () => void = () => undefined,
  ) {
    this.#localAddress = localAddress;
    this.#tls = tls;
    this.#onTlsDial = onTlsDial;
  }

  get usesTls(): boolean {
    return this.#tls !== null;
  }

  /** `onread`: who gets what is read, in place of the socket's `data`. */
  dial(target: Target, onread: OnReadOpts): Socket {
    // Node would look a name up, and take an empty one for localhost.
    if (isIP(target.ip) === 0) throw new Error(`'${target.ip}' is not an address to connect to`);
    const where = {
      host: target.ip,
      port: target.port,
      onread,
      ...(this.#localAddress === null ? {} : { localAddress: this.#localAddress }),
    };
    if (this.#tls === null) return connectTcp(where);
    const tls = this.#tls;
    this.#onTlsDial();
    return connectTls({
      ...where,
      // A server name cannot be an address (RFC 6066 3).
      ...(isIP(target.host) === 0 ? { servername: target.host } : {}),
      secureContext: tls.context,
      checkServerIdentity: (_host, certificate) => tls.checkIdentity(certificate),
    });
  }
}
