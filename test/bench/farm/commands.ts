import type { FarmClient } from "./farm-client.ts";
import type { FarmServer } from "./farm-server.ts";
import { infoText } from "./info-text.ts";

const OK = "+OK\r\n";
const NOT_BUSY = "-NOTBUSY No scripts in execution right now.\r\n";
const READ_ONLY = "-READONLY You can't write against a read only replica.\r\n";

type Handler = (client: FarmClient, args: readonly string[]) => string;

/** What a Sentinel sends to a server, and what a writing client needs. */
const handlers: Readonly<Record<string, Handler>> = {
  PING: () => "+PONG\r\n",
  INFO: ({ server }) => bulk(infoText(server.world.info, server)),
  PUBLISH: ({ server }, [channel = "", text = ""]) => integer(server.publish(channel, text)),
  SUBSCRIBE: subscribe,
  AUTH: () => OK,
  CLIENT: clientCommand,
  SLAVEOF: replicaOf,
  REPLICAOF: replicaOf,
  CONFIG: () => OK,
  SCRIPT: () => NOT_BUSY,
  ROLE: ({ server }) => role(server),
  GET: ({ server }, [key = ""]) => bulk(server.data.get(key)),
  SET: set,
  MULTI: (client) => {
    client.queued = [];
    return OK;
  },
};

/** One command to its reply, in a transaction as Redis does it. */
export function execute(client: FarmClient, words: readonly string[]): string {
  const name = words[0]?.toUpperCase() ?? "";
  if (client.queued === null) return run(client, name, words);
  if (name !== "EXEC") {
    client.queued.push([...words]);
    return "+QUEUED\r\n";
  }
  const { queued } = client;
  client.queued = null;
  const replies = queued.map((each) => run(client, each[0]?.toUpperCase() ?? "", each));
  return `*${replies.length}\r\n${replies.join("")}`;
}

function run(client: FarmClient, name: string, words: readonly string[]): string {
  const handler = handlers[name];
  if (handler === undefined) return `-ERR unknown command '${words[0]}'\r\n`;
  return handler(client, words.slice(1));
}

function subscribe(client: FarmClient, channels: readonly string[]): string {
  const { subscribers } = client.server;
  const confirmations = channels.map((channel) => {
    client.channels.add(channel);
    subscribers.set(channel, (subscribers.get(channel) ?? new Set()).add(client));
    return `*3\r\n${bulk("subscribe")}${bulk(channel)}${integer(client.channels.size)}`;
  });
  return confirmations.join("");
}

/** SETNAME and the like are accepted; KILL TYPE spares who asks, as SKIPME does by default. */
function clientCommand(client: FarmClient, [what = "", filter = "", type = ""]: readonly string[]) {
  if (what.toUpperCase() !== "KILL" || filter.toUpperCase() !== "TYPE") return OK;
  const wantsSubscribers = type.toLowerCase() === "pubsub";
  const victims = [...client.server.clients].filter(
    (other) => other !== client && other.channels.size > 0 === wantsSubscribers,
  );
  for (const victim of victims) victim.close();
  return integer(victims.length);
}

function replicaOf({ server }: FarmClient, [host = "", port = ""]: readonly string[]): string {
  const promotes = `${host} ${port}`.toUpperCase() === "NO ONE";
  server.follow(promotes ? null : `${host}:${port}`);
  return OK;
}

function role(server: FarmServer): string {
  if (server.upstream === null) {
    return `*3\r\n${bulk("master")}${integer(server.offset)}*0\r\n`;
  }
  const [host = "", port = ""] = server.upstream.split(":");
  const link = bulk(server.linkUp ? "connected" : "connect");
  return `*5\r\n${bulk("slave")}${bulk(host)}:${port}\r\n${link}${integer(server.offset)}`;
}

function set({ server }: FarmClient, [key = "", value = ""]: readonly string[]): string {
  if (server.upstream !== null) return READ_ONLY;
  server.set(key, value);
  return OK;
}

function integer(value: number): string {
  return `:${value}\r\n`;
}

/** Latin-1 throughout: one character is one byte. */
function bulk(text: string | undefined): string {
  return text === undefined ? "$-1\r\n" : `$${text.length}\r\n${text}\r\n`;
}
