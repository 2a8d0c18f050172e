import type { World } from "./events-world.ts";

/** Plays one thing that happens to a world, and waits for all that it leads to. */
export type Incident = (world: World) => Promise<void>;

/** In this order, in a world of one Sentinel: each begins where the one before ended. */
export const INCIDENTS: Readonly<Record<string, Incident>> = {
  async "a replica is killed and comes back"(world) {
    await world.server(3).kill();
    await world.sees("+sdown", 3);
    await world.server(3).restart();
    await world.sees("-sdown", 3);
    await world.sees("+reboot", 3);
  },
  async "settings change"(world) {
    await world.ask("SET", "m", "quorum", "1");
    await world.ask("SET", "m", "auth-user", "someone");
    await world.ask("SET", "m", "auth-user", "");
    await world.ask("SET", "m", "parallel-syncs", "2");
  },
  async "a master is added and removed"(world) {
    await world.ask("MONITOR", "other", "127.0.0.1", "1", "2");
    await world.ask("REMOVE", "other");
  },
  async "a replica is added"(world) {
    await world.addReplica(1);
    await world.sees("+slave", 4);
  },
  async "an operator makes a replica a master"(world) {
    await world.server(3).call("REPLICAOF", "NO", "ONE");
    await world.sees("-role-change", 3);
    await world.sees("+convert-to-slave", 3);
    await world.sees("+role-change", 3);
  },
  async "an operator moves a replica to a replica"(world) {
    await world.server(3).call("REPLICAOF", "127.0.0.1", String(world.server(2).port));
    await world.sees("+fix-slave-config", 3);
    await following(world, 3, 1);
  },
  async "a failover by command"(world) {
    await world.ask("FAILOVER", "m");
    await world.sees("+switch-master");
    for (const replica of [1, 3, 4]) await world.sees("+slave", replica);
    // We have made it a replica before the switch, and see it as one.
    if (world.kind === "c") await world.sees("+role-change", 1);
    for (const replica of [1, 3, 4]) await following(world, replica, 2);
  },
  async "a reset"(world) {
    await world.ask("RESET", "m");
    for (const replica of [1, 3, 4]) await world.sees("+slave", replica);
  },
  async "the master hangs"(world) {
    for (const replica of [1, 4])
      await world.server(replica).call("CONFIG", "SET", "replica-priority", "90");
    await world.server(3).call("CONFIG", "SET", "replica-priority", "20");
    await prioritiesSeen(world, 3, "20");
    world.server(2).freeze();
    await world.sees("+switch-master");
    await world.sees("+sdown", "slave [^@]*");
    world.server(2).thaw();
    await world.sees("-sdown", 2);
    await world.sees("+convert-to-slave", 2);
    await world.sees("+role-change", 2);
    for (const replica of [1, 2, 4]) await following(world, replica, 3);
  },
  async "the master is killed and comes back"(world) {
    await world.server(3).kill();
    await world.sees("+switch-master");
    await world.sees("+sdown", "slave [^@]*");
    await world.server(3).restart();
    await world.sees("-sdown", 3);
    // Its file makes it a replica of the first master.
    await world.sees("+fix-slave-config", 3);
    for (const replica of [1, 3, 4]) await following(world, replica, 2);
  },
  async "no replica may be promoted"(world) {
    for (const replica of [1, 3, 4]) {
      await world.server(replica).call("CONFIG", "SET", "replica-priority", "0");
      await prioritiesSeen(world, replica, "0");
    }
    world.server(2).freeze();
    await world.sees("-failover-abort-no-good-slave");
    world.server(2).thaw();
    await world.sees("-odown");
  },
};

/** With a peer, which is the program of Redis beside either kind. */
export const PEER_INCIDENTS: Readonly<Record<string, Incident>> = {
  async "a peer appears"(world) {
    await world.until("the peer is known", async () => {
      const peers = await world.sentinel.sentinels("m");
      return peers.length === 1 && peers.every((row) => row.flags === "sentinel");
    });
  },
  async "the peer is killed and comes back"(world) {
    await world.peer?.kill();
    await world.sees("+sdown", "sentinel");
    await world.peer?.restart();
    await world.sees("-sdown", "sentinel");
  },
  async "the peer fails over"(world) {
    await world.until("the peer knows all", async () => {
      const replicas = await world.peer?.replicas("m");
      return replicas?.length === 2 && replicas.every((row) => row.flags === "slave");
    });
    await world.peer?.call("SENTINEL", "FAILOVER", "m");
    await world.sees("+switch-master");
    for (const replica of [1, 3]) await world.sees("+slave", replica);
    await world.sees("+role-change", 1);
    for (const replica of [1, 3]) await following(world, replica, 2);
  },
};

async function following(world: World, replica: number, master: number): Promise<void> {
  const { port } = world.server(replica);
  const at = String(world.server(master).port);
  await world.until(
    `server ${replica} follows server ${master}, and the Sentinel knows`,
    async () => {
      const rows = await world.sentinel.replicas("m");
      return rows.some(
        (row) =>
          row.port === String(port) &&
          row["master-port"] === at &&
          row["master-link-status"] === "ok" &&
          row["role-reported"] === "slave",
      );
    },
  );
}

async function prioritiesSeen(world: World, replica: number, priority: string): Promise<void> {
  await world.until(`the priority of server ${replica} is seen`, async () => {
    const rows = await world.sentinel.replicas("m");
    const row = rows.find(({ port }) => port === String(world.server(replica).port));
    return row?.["slave-priority"] === priority;
  });
}
