// A life with ioredis or iovalkey: the package is an argument, their interfaces are one.
import {
  clientName,
  healthyPorts,
  key,
  lookForever,
  masterName,
  portOf,
  redisUser,
  resp,
  sayError,
  sentinels,
  sentinelUser,
  tls,
  writeForever,
} from "./journal.mjs";

// iovalkey 0.4, ioredis 5.11 and 6.0 lose a command that they may send before their ready check is
// over (INFO, ROLE, PUBLISH) if the connection ends before the answer: the handler of the next
// connection puts an empty queue in the place of the one with it, and its promise never settles. A
// Sentinel closes the clients of every server that it reconfigures, so a failover can meet just that
// moment, which is longer over TLS: a TLS 1.3 client is connected before its server is. With a
// timeout the application hears of it, and asks again.
const readTimeoutMs = 5000;

/** `more`: options of the writing client that only one variant has. */
export function live(Redis, more = {}) {
  const protocol = resp === 3 ? { protocol: 3 } : { protocol: 2 };
  const common = {
    sentinels,
    name: masterName,
    username: redisUser.username,
    password: redisUser.password,
    sentinelUsername: sentinelUser.username,
    sentinelPassword: sentinelUser.password,
    ...(tls && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    ...protocol,
  };
  const writer = new Redis({ ...common, connectionName: clientName, ...more });
  const reader = new Redis({ ...common, role: "slave", commandTimeout: readTimeoutMs });
  const [{ host, port }] = sentinels;
  const sentinel = new Redis({ host, port, ...sentinelUser, ...(tls && { tls }), ...protocol });
  for (const client of [writer, reader, sentinel]) client.on("error", sayError);
  // failoverDetector ends its client for good when it hears of a new master just while the client
  // is asking where the master is: the application connects again.
  writer.on("end", () => writer.connect().catch(sayError));
  void writeForever((member) => writer.sadd(key, member));
  void lookForever(async () => ({
    master: Number((await sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName))[1]),
    replicas: healthyPorts(await sentinel.call("SENTINEL", "REPLICAS", masterName)),
  }));
  void lookForever(async () => ({ read: portOf(await reader.info("server")) }));
  return writer;
}
