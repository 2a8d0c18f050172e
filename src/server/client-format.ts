import type { ServerContext } from "./context.ts";
import type { Session } from "./session.ts";

/** One client as CLIENT LIST and the log show it: `k=v` pairs, order and names are API. */
export function describeClient(ctx: ServerContext, client: Session): string {
  const now = ctx.host.now();
  const fields: readonly (readonly [string, string | number])[] = [
    ["id", client.id],
    ["addr", client.peer.addr],
    ["laddr", client.peer.laddr],
    ["fd", client.peer.fd],
    ["name", client.name],
    ["age", Math.floor((now - client.connectedAtMs) / 1000)],
    ["idle", Math.floor((now - client.lastActiveMs) / 1000)],
    ["flags", clientFlags(client)],
    ["db", 0],
    ["sub", client.channels.size],
    ["psub", client.patterns.size],
    ["ssub", 0],
    ["multi", -1],
    ["watch", 0],
    ["qbuf", client.inputBytes],
    ["qbuf-free", 0],
    ["argv-mem", client.argumentBytes],
    ["multi-mem", 0],
    ["rbs", 0],
    ["rbp", 0],
    ["obl", 0],
    ["oll", client.outputBytes > 0 ? 1 : 0],
    ["omem", client.outputBytes],
    ["tot-mem", client.inputBytes + client.argumentBytes + client.outputBytes],
    ["events", client.outputBytes > 0 ? "rw" : "r"],
    ["cmd", client.lastCommand ?? "NULL"],
    ["user", client.user.name],
    ["redir", client.tracking?.redirect ?? -1],
    ["resp", client.protocol],
    ["lib-name", client.libName],
    ["lib-ver", client.libVersion],
  ];
  return fields.map(([key, value]) => `${key}=${value}`).join(" ");
}

function clientFlags(client: Session): string {
  const flags = [
    client.subscriptionCount > 0 ? "P" : "",
    client.isBlocked ? "b" : "",
    client.tracking === null ? "" : "t",
    client.tracking?.broadcast ? "B" : "",
    client.isClosing ? "c" : "",
    client.peer.isUnix ? "U" : "",
    client.noEvict ? "e" : "",
  ].join("");
  return flags === "" ? "N" : flags;
}
