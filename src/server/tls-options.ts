import { createSecureContext, type TlsOptions } from "node:tls";
import { textOf } from "../base/bytes.ts";
import type { TlsConfig } from "../config/server-config.ts";
import {
  handshakeOptions,
  hasAuthorities,
  readAuthorities,
  readPem,
  TlsMistake,
} from "../net/tls-material.ts";
import { DISK, type TlsSource } from "../net/tls-source.ts";
import type { ServerHost } from "./host.ts";

/** What logs the cause of a failure. */
type Logger = Pick<ServerHost, "log">;

const FAILED = "Failed to configure TLS. Check logs for more info.";

/** What `start` makes of the files of a listener; throws the operator's sentence after logging the cause. */
export function configureTls<T>(start: () => T, host: Logger): T {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof TlsMistake)) throw error;
    host.log("warning", error.message);
    throw new Error(FAILED);
  }
}

/** The options of our TLS listener; throws what says why it cannot use them. */
export function listenerOptions(tls: TlsConfig, source: TlsSource = DISK): TlsOptions {
  const options = optionsOf(tls, source);
  createSecureContext(options);
  return options;
}

function optionsOf(tls: TlsConfig, source: TlsSource): TlsOptions {
  if (tls.certFile === null) throw new TlsMistake("No tls-cert-file configured!");
  if (tls.keyFile === null) throw new TlsMistake("No tls-key-file configured!");
  if (!hasAuthorities(tls) && tls.authClients !== "no") {
    throw new TlsMistake(
      "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!",
    );
  }
  return {
    cert: readPem(source, "certificate", tls.certFile),
    key: readPem(source, "private key", tls.keyFile),
    ...(tls.keyFilePass !== null && { passphrase: textOf(tls.keyFilePass) }),
    ...(hasAuthorities(tls) && { ca: readAuthorities(source, tls) }),
    ...(tls.dhParamsFile !== null && {
      dhparam: readPem(source, "DH parameters", tls.dhParamsFile),
    }),
    ...handshakeOptions(tls),
    honorCipherOrder: tls.preferServerCiphers,
    requestCert: tls.authClients !== "no",
    rejectUnauthorized: tls.authClients === "yes",
  };
}
