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
import type { ServerHost } from "./host.ts";

/** What logs the cause of a failure. */
type Logger = Pick<ServerHost, "log">;

const FAILED = "Failed to configure TLS. Check logs for more info.";

/** The options of our TLS listener; throws the operator's sentence after logging the cause. */
export function loadTlsOptions(tls: TlsConfig, host: Logger): TlsOptions {
  try {
    return optionsOf(tls);
  } catch (error) {
    if (!(error instanceof TlsMistake)) throw error;
    host.log("warning", error.message);
    throw new Error(FAILED);
  }
}

/** Throws what says why a listener cannot use them. */
export function checkListenerTls(tls: TlsConfig): void {
  createSecureContext(optionsOf(tls));
}

function optionsOf(tls: TlsConfig): TlsOptions {
  if (tls.certFile === null) throw new TlsMistake("No tls-cert-file configured!");
  if (tls.keyFile === null) throw new TlsMistake("No tls-key-file configured!");
  if (!hasAuthorities(tls) && tls.authClients !== "no") {
    throw new TlsMistake(
      "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!",
    );
  }
  return {
    cert: readPem("certificate", tls.certFile),
    key: readPem("private key", tls.keyFile),
    ...(tls.keyFilePass !== null && { passphrase: textOf(tls.keyFilePass) }),
    ...(hasAuthorities(tls) && { ca: readAuthorities(tls) }),
    ...(tls.dhParamsFile !== null && { dhparam: readPem("DH parameters", tls.dhParamsFile) }),
    ...handshakeOptions(tls),
    honorCipherOrder: tls.preferServerCiphers,
    requestCert: tls.authClients !== "no",
    rejectUnauthorized: tls.authClients === "yes",
  };
}
