import type { Acl } from "../acl/acl.ts";
import type { ServerConfig } from "../config/server-config.ts";

/**
 * A Sentinel that answers other machines and asks for no password: whoever reaches it can speak as any
 * Sentinel, start a failover or change what is monitored [D-OPEN-WARNING]. Null if it is not so.
 */
export function opennessWarning(config: ServerConfig, { defaultUser }: Acl): string | null {
  const asksNobody = defaultUser.enabled && defaultUser.nopass && !config.protectedMode;
  const isPlain = config.port !== 0;
  // With TLS alone, a client certificate may be what is asked for.
  if (!asksNobody || !isPlain || config.bind.every(isLoopback)) return null;
  return (
    "This Sentinel answers other machines and asks for no password: whoever reaches it can forge votes and hellos, " +
    "start failovers and change what is monitored. Set requirepass and sentinel-pass on all Sentinels, or bind it."
  );
}

function isLoopback(bind: string): boolean {
  const address = bind.replace(/^-/, "");
  return address.startsWith("127.") || address === "::1" || address === "localhost";
}
