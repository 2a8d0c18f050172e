import { EMPTY_SENTINEL_CONFIG, type MasterConfig } from "../../src/core/config.ts";
import { createState } from "../../src/core/create-state.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { RedisInstance, SentinelState } from "../../src/core/state.ts";
import { masterConfig, OWN_ID, PLAIN_MASTER } from "../core/harness.ts";
import { connectionId } from "../support/ids.ts";

const ID = "7".repeat(40);
/** As long as that of a server. */
const INFO = `# Server\r\nredis_version:7.0.15\r\n${"padding:0\r\n".repeat(400)}`;

/** All on one port, as in a cluster of containers. */
function configOf(index: number): MasterConfig {
  const host = (last: number) => `10.${index >> 8}.${index & 255}.${last}`;
  return masterConfig({
    ...PLAIN_MASTER,
    name: `master-${index}`,
    host: host(1),
    port: 6379,
    replicas: [2, 3].map((last) => ({ host: host(last), port: 6379 })),
    sentinels: ["a", "b"].map((letter, at) => ({
      ...{ host: `10.250.0.${at}`, port: 26379, runId: letter.repeat(40) },
    })),
  });
}

/** Everybody is well, and has told of itself. */
export function settledState(count: number): SentinelState {
  const masters = Array.from({ length: count }, (_, index) => configOf(index));
  const config = { ...EMPTY_SENTINEL_CONFIG, myId: OWN_ID, masters };
  const settings = { requirepass: null, listeningPort: 26379, logThreshold: "notice" } as const;
  const state = createState(config, settings, seededRandom(1), 0);
  for (const master of state.masters.values()) {
    for (const server of [master, ...master.replicas.values()]) tell(server, master.address.host);
    master.lineage = [{ id: ID, endsAt: null }];
    master.lastAliveAt = 0;
  }
  return state;
}

function tell(server: RedisInstance, masterHost: string): void {
  const isReplica = server.kind === "replica";
  server.infoAt = 0;
  server.infoText = INFO;
  server.history = { id: ID, offset: 1000n, parent: null };
  server.replOffset = 1000n;
  server.roleReported = isReplica ? "slave" : "master";
  server.upstreamHost = isReplica ? masterHost : null;
  server.upstreamPort = 6379;
  server.upstreamLinkUp = isReplica;
  const connection = {
    id: connectionId(1),
    openedAt: 0,
    up: true,
    answered: true,
    localIp: "10.250.0.9",
  };
  server.link.command = { ...connection, subscribeRequest: null };
  server.link.pubsub = server.link.command;
}
