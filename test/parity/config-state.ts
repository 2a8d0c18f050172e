import { type RespClient, toRecord } from "../support/resp-client.ts";

/** What a Sentinel knows and no time changes, one fact a line, sorted. */
export async function stateLines(client: RespClient): Promise<readonly string[]> {
  const lines: string[] = [`myid ${await client.call("SENTINEL", "MYID")}`];
  for (const master of await rows(client, "MASTERS")) {
    const { name = "" } = master;
    lines.push(`master ${pick(master, MASTER_FIELDS)}`);
    for (const replica of await rows(client, "REPLICAS", name)) {
      lines.push(`replica of ${name}: ${pick(replica, REPLICA_FIELDS)}`);
    }
    for (const peer of await rows(client, "SENTINELS", name)) {
      lines.push(`peer of ${name}: ${pick(peer, PEER_FIELDS)}`);
    }
  }
  const settings = toRecord(await client.call("SENTINEL", "CONFIG", "GET", "*"));
  for (const [key, value] of Object.entries(settings)) lines.push(`setting ${key}=${value}`);
  for (const user of await users(client)) lines.push(user);
  lines.push(...info(String(await client.call("INFO"))));
  return lines.sort();
}

const MASTER_FIELDS = [
  ...["name", "ip", "port", "down-after-milliseconds", "config-epoch", "num-slaves"],
  ...["num-other-sentinels", "quorum", "failover-timeout", "parallel-syncs"],
  ...["notification-script", "client-reconfig-script"],
];
const REPLICA_FIELDS = ["name", "ip", "port", "master-host", "master-port", "slave-priority"];
const PEER_FIELDS = ["name", "ip", "port", "down-after-milliseconds"];
const INFO_FIELDS = /^(tcp_port|config_file|sentinel_masters|maxclients|redis_mode):/;

async function rows(client: RespClient, ...words: readonly string[]) {
  const reply = await client.call("SENTINEL", ...words);
  return Array.isArray(reply) ? reply.map(toRecord) : [];
}

function pick(row: Readonly<Record<string, string>>, fields: readonly string[]): string {
  return fields
    .filter((field) => field in row)
    .map((field) => `${field}=${row[field]}`)
    .join(" ");
}

async function users(client: RespClient): Promise<readonly string[]> {
  const reply = await client.call("ACL", "LIST");
  return Array.isArray(reply) ? reply.map(String) : [];
}

function info(text: string): readonly string[] {
  return text.split("\r\n").filter((line) => INFO_FIELDS.test(line));
}
