// createSentinel of node-redis 5 and 6: the periodic scan is off, so that it learns of a new
// master by Pub/Sub only; beside the writes it listens on a channel of the application.
import {
  key,
  lookForever,
  masterName,
  portOf,
  redisUser,
  resp,
  say,
  sayError,
  sentinels,
  sentinelUser,
  tls,
  writeForever,
} from "./journal.mjs";

export async function live(createSentinel) {
  const socket = tls && { socket: { tls: true, ...tls } };
  const sentinel = createSentinel({
    name: masterName,
    sentinelRootNodes: sentinels,
    nodeClientOptions: { ...given(redisUser), ...socket },
    sentinelClientOptions: { ...given(sentinelUser), ...socket },
    RESP: resp,
    scanInterval: 0,
    masterPoolSize: 2,
    replicaPoolSize: 1,
  });
  sentinel.on("error", sayError);
  await sentinel.connect();
  await sentinel.subscribe(`${key}:news`, (seq) => say({ heard: Number(seq) }));
  void writeForever(async (member) => {
    await sentinel.sAdd(key, member);
    await sentinel.publish(`${key}:news`, member);
  });
  void lookForever(async () => ({ read: portOf(await sentinel.info("server")) }));
  void lookForever(() => ({
    master: sentinel.getMasterNode()?.port,
    replicas: [...sentinel.getReplicaNodes()].map(([node]) => node.port),
  }));
}

/** Undefined fields would be taken for empty ones. */
function given(user) {
  return Object.fromEntries(Object.entries(user).filter(([, value]) => value !== undefined));
}
