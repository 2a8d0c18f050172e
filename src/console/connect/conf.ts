import { resolve } from "node:path";
import { bytesOf, textOf } from "../../base/bytes.ts";
import type { LoadedConfig } from "../../config/load.ts";
import type { ServerConfig, TlsConfig } from "../../config/server-config.ts";
import type { MasterConfig, SentinelConfig } from "../../core/config.ts";
import type { Place } from "../../quorum/place.ts";
import { inspectFile } from "../../runtime/file/load-file.ts";
import { StartError } from "../../runtime/start-error.ts";
import { Trouble } from "../trouble.ts";
import type { Identity } from "./client.ts";

/** What the file of a Sentinel tells of how to reach it, its peers and its servers. */
export interface Conf {
  readonly place: Place;
  /** Null: plain TCP. */
  readonly tls: TlsConfig | null;
  readonly sentinels: Identity;
  readonly servers: ReadonlyMap<string, Identity>;
  readonly masters: readonly MasterConfig[];
}

/** Reads it, and changes nothing. @throws Trouble */
export function readConf(path: string): Conf {
  const { server, sentinel } = load(path);
  const usesTls = server.tlsReplication || server.port === 0;
  return {
    place: {
      host: hostOf(server),
      port: usesTls && server.tlsPort > 0 ? server.tlsPort : server.port,
    },
    tls: usesTls ? inFolder(server.tls, server.dir, path) : null,
    sentinels: identityOf(server, sentinel),
    servers: new Map(
      sentinel.masters.map(({ name, settings }) => [
        name,
        { user: settings.authUser, password: settings.authPass },
      ]),
    ),
    masters: sentinel.masters,
  };
}

function load(path: string): LoadedConfig {
  try {
    return inspectFile(path);
  } catch (error) {
    if (error instanceof StartError) throw new Trouble(`--conf ${path}: ${error.message.trim()}`);
    throw error;
  }
}

/** As its peers do: `sentinel-pass`, else the password of its own that all of a quorum share. */
function identityOf(server: ServerConfig, sentinel: SentinelConfig): Identity {
  if (sentinel.sentinelPass !== null && sentinel.sentinelPass !== "") {
    return { user: sentinel.sentinelUser, password: sentinel.sentinelPass };
  }
  const own = server.requirepass;
  return { user: null, password: own === null || own === "" ? null : own };
}

/** The first address that it listens at and that can be connected to. */
function hostOf({ bind }: ServerConfig): string {
  const hosts = bind.map((word) => word.replace(/^-/, ""));
  const own = hosts.find((host) => !["*", "::*", "0.0.0.0", "::", ""].includes(host));
  return own ?? "127.0.0.1";
}

/** A Sentinel enters the folder of its `dir` line before it reads them. */
function inFolder(tls: TlsConfig, dir: string | null, path: string): TlsConfig {
  const base = dir === null ? resolve(path, "..") : resolve(textOf(dir));
  const at = (file: string | null) => (file === null ? null : bytesOf(resolve(base, textOf(file))));
  return {
    ...tls,
    ...{ certFile: at(tls.certFile), keyFile: at(tls.keyFile) },
    ...{ clientCertFile: at(tls.clientCertFile), clientKeyFile: at(tls.clientKeyFile) },
    ...{ caCertFile: at(tls.caCertFile), caCertDir: at(tls.caCertDir) },
  };
}
