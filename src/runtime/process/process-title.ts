import { textOf } from "../../base/bytes.ts";
import type { ServerConfig } from "../../config/server-config.ts";

/** proc-title-template filled in; by default `redis-sentinel-ts *:26379 [sentinel]`. */
export function processTitle(config: ServerConfig, title: string, configFile: string): string {
  const values: Readonly<Record<string, string>> = {
    title,
    "listen-addr": listenAddress(config),
    "server-mode": "[sentinel]",
    port: String(config.port),
    "tls-port": String(config.tlsPort),
    unixsocket: config.unixsocket ?? "",
    "config-file": configFile,
  };
  const filled = config.procTitleTemplate.replace(/\{([^}]*)\}/g, (_, name: string) => {
    return values[name] ?? "";
  });
  return textOf(filled).trimEnd();
}

function listenAddress({ bind, port, tlsPort, unixsocket }: ServerConfig): string {
  const listeningPort = port || tlsPort;
  if (listeningPort === 0) return unixsocket ?? "";
  return `${bind[0]?.replace(/^-/, "") ?? "*"}:${listeningPort}`;
}
