// node-redis 4 knows no Sentinel: an application asks for the master's address itself, and
// again when its connection is lost or the server refuses to write.
import { createClient } from "node-redis-4";
import {
  healthyPorts,
  key,
  lookForever,
  masterName,
  portOf,
  redisUser,
  sayError,
  sentinels,
  sentinelUser,
  tls,
  writeForever,
} from "./journal.mjs";

const socketOf = (node) => ({
  ...node,
  ...(tls && { tls: true, ...tls }),
  reconnectStrategy: false,
});

async function connect(node, user) {
  const client = createClient({ socket: socketOf(node), ...user });
  client.on("error", sayError);
  await client.connect();
  return client;
}

async function askSentinels(...words) {
  for (const node of sentinels) {
    let client;
    try {
      client = await connect(node, sentinelUser);
      return await client.sendCommand(["SENTINEL", ...words, masterName]);
    } catch (error) {
      sayError(error);
    } finally {
      if (client?.isOpen) await client.disconnect();
    }
  }
  throw new Error("no Sentinel answers");
}

async function connectMaster() {
  const [host, port] = await askSentinels("get-master-addr-by-name");
  return await connect({ host, port: Number(port) }, redisUser);
}

async function connectReplica() {
  const [port] = healthyPorts(await askSentinels("replicas"));
  return await connect({ host: "127.0.0.1", port }, redisUser);
}

/** A replica that became a master is left: the next look asks the Sentinels again. */
async function readFromReplica(client) {
  const [info, [role]] = await Promise.all([client.info("server"), client.sendCommand(["ROLE"])]);
  if (role !== "slave") throw new Error(`a ${role} where a replica was`);
  return info;
}

/** A connection that is opened again, wherever the Sentinels now say, after any error. */
function kept(open) {
  let client = null;
  return async (use) => {
    try {
      if (!client?.isReady) client = await open();
      return await use(client);
    } catch (error) {
      if (client?.isOpen) await client.disconnect();
      client = null;
      throw error;
    }
  };
}

const master = kept(connectMaster);
const replica = kept(connectReplica);
void writeForever((member) => master((client) => client.sAdd(key, member)));
void lookForever(async () => ({ read: portOf(await replica(readFromReplica)) }));
void lookForever(async () => ({
  master: Number((await askSentinels("get-master-addr-by-name"))[1]),
  replicas: healthyPorts(await askSentinels("replicas")),
}));
