import { resolve } from "node:path";
import { checkServerIdentity, createSecureContext } from "node:tls";
import { bytesOf } from "../../base/bytes.ts";
import { strerror } from "../../base/errno.ts";
import type { TlsConfig } from "../../config/server-config.ts";
import { toServerConfig } from "../../config/to-server-config.ts";
import { hasAuthorities } from "../../net/tls-material.ts";
import { clientOptions } from "../../runtime/links/tls-client.ts";
import type { CommonValues } from "../options.ts";
import { Trouble } from "../trouble.ts";
import type { ClientOptions } from "./client.ts";

/**
 * What `--tls`, `--cacert`, `--cert` and `--key` say, over what the file says.
 *
 * With an authority of one's own any certificate of it will do, as between Sentinels [D-PEER-NAME]. Where the public
 * authorities are trusted, the name must fit, too: they sign certificates for everybody.
 *
 * @throws Trouble for files that cannot be used.
 */
export function tlsOptions(values: CommonValues, conf: TlsConfig | null): ClientOptions["tls"] {
  const config = configOf(values, conf);
  if (config === null) return null;
  try {
    const secureContext = createSecureContext(clientOptions(config));
    return hasAuthorities(config)
      ? { secureContext, checkServerIdentity: expectedNames(config) }
      : { secureContext };
  } catch (error) {
    throw new Trouble(strerror(error));
  }
}

function configOf(
  { tls, cacert, cert, key }: CommonValues,
  conf: TlsConfig | null,
): TlsConfig | null {
  const isSaid = tls === true || [cacert, cert, key].some((file) => file !== undefined);
  if (!isSaid) return conf;
  const none = toServerConfig({ values: new Map(), users: [], renamedCommands: [] }).tls;
  const path = (file: string) => bytesOf(resolve(file));
  return {
    ...(conf ?? none),
    ...(cacert !== undefined && { caCertFile: path(cacert), caCertDir: null }),
    ...(cert !== undefined && { clientCertFile: path(cert), clientKeyFilePass: null }),
    ...(key !== undefined && { clientKeyFile: path(key) }),
  };
}

function expectedNames({ expectedPeerNames }: TlsConfig): typeof checkServerIdentity {
  return (_host, certificate) => {
    const fits = expectedPeerNames.some((name) => !checkServerIdentity(name, certificate));
    if (fits || expectedPeerNames.length === 0) return undefined;
    return new Error("it has none of the names of tls-expected-peer-name");
  };
}
