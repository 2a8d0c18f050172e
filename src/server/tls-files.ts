import { X509Certificate } from "node:crypto";
import type { TlsOptions } from "node:tls";
import type { TlsConfig } from "../config/server-config.ts";
import { TlsFiles, type TlsUser } from "../net/tls-files.ts";
import type { ServerHost } from "./host.ts";
import { configureTls, listenerOptions } from "./tls-options.ts";

/** What TLS listeners use. */
export type ListenerTls = TlsFiles<TlsOptions>;

/** Throws the operator's sentence after logging the cause. */
export function listenerTls(
  config: TlsConfig,
  host: Pick<ServerHost, "log" | "tlsNews">,
  user: TlsUser = "listener",
): ListenerTls {
  const use = { user, paths: pathsOf, make: listenerOptions };
  return configureTls(() => new TlsFiles(config, use, host.tlsNews), host);
}

/** When the certificate in use ends, in ms since 1970; null: it does not say. */
export function certificateEnd({ current: { cert } }: ListenerTls): number | null {
  if (!(cert instanceof Buffer)) return null;
  const endsAt = Date.parse(new X509Certificate(cert).validTo);
  return Number.isNaN(endsAt) ? null : endsAt;
}

function pathsOf({ certFile, keyFile, dhParamsFile, caCertFile, caCertDir }: TlsConfig) {
  return { others: [certFile, keyFile, dhParamsFile], caCertFile, caCertDir };
}
