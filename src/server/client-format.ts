import type { ServerContext } from "./context.ts";
import type { Session } from "./session.ts";

/** One client as CLIENT LIST and the log show it: `k=v` pairs, order and names are API. */
export function describeClient(ctx: ServerContext, client: Session): string {
  const now = ctx.host.now();
  const seconds = (sinceMs: number) => Math.floor((now - sinceMs) / 1000);
  const { inputBytes, argumentBytes, outputBytes } = client;
  const isSending = outputBytes > 0;
  const ends = `addr=${client.peer.addr} laddr=${client.peer.laddr} fd=${client.peer.fd}`;
  const times = `age=${seconds(client.connectedAtMs)} idle=${seconds(client.lastActiveMs)}`;
  const subscriptions = `sub=${client.channels.size} psub=${client.patterns.size} ssub=0`;
  const input = `qbuf=${inputBytes} qbuf-free=0 argv-mem=${argumentBytes} multi-mem=0`;
  const output = `rbs=0 rbp=0 obl=0 oll=${isSending ? 1 : 0} omem=${outputBytes}`;
  const all = `tot-mem=${inputBytes + argumentBytes + outputBytes} events=${isSending ? "rw" : "r"}`;
  const who = `cmd=${client.lastCommand ?? "NULL"} user=${client.user.name}`;
  const protocol = `redir=${client.tracking?.redirect ?? -1} resp=${client.protocol}`;
  const library = `lib-name=${client.libName} lib-ver=${client.libVersion}`;
  const first = `id=${client.id} ${ends} name=${client.name} ${times} flags=${clientFlags(client)}`;
  return `${first} db=0 ${subscriptions} multi=-1 watch=0 ${input} ${output} ${all} ${who} ${protocol} ${library}`;
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
