import { rowOf, rowsOf } from "../../quorum/rows.ts";
import type { Client } from "../connect/client.ts";
import { Refusal } from "../connect/errors.ts";
import { shown } from "../shown.ts";
import {
  accept,
  removeFromSentinel,
  removeFromServer,
  saveSentinel,
  saveServer,
} from "./account.ts";
import type { Group, Secrets, SentinelNode, ServerNode } from "./group.ts";
import type { Secret } from "./secret.ts";

/** One change at one node. It may be made again: what is there already stays. */
export interface Step {
  /** Of the node. */
  readonly name: string;
  readonly text: string;
  readonly isDone: boolean;
  /** Resolves to what the operator has to know, or null. @throws Refusal, NoAnswer */
  run(): Promise<string | null>;
}

interface Means {
  /** Logs in with the new password; nothing else tells that it is right. @throws Refusal, NoAnswer */
  tryServer(server: ServerNode): Promise<void>;
  trySentinel(sentinel: SentinelNode): Promise<void>;
  /** Polls until it is true. @throws Refusal with `what` if it never is. */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
}

/**
 * The way on which nobody is ever locked out: all accept both passwords, then all say the new one, then the old one
 * goes. At Sentinels one after the other, each once the one before hears everybody again.
 */
export function planOf(
  { servers, sentinels }: Group,
  secrets: Secrets,
  keepsOld: boolean,
  means: Means,
): readonly Step[] {
  const atServers = secrets.servers;
  const atSentinels = secrets.sentinels;
  return [
    ...(atServers === null ? [] : forServers(servers, sentinels, atServers, keepsOld, means)),
    ...(atSentinels === null ? [] : forSentinels(sentinels, atSentinels, keepsOld, means)),
  ];
}

function forServers(
  servers: readonly ServerNode[],
  sentinels: readonly SentinelNode[],
  secret: Secret,
  keepsOld: boolean,
  means: Means,
): Step[] {
  // What a Sentinel says cannot be read: where the old one is gone everywhere, it was told.
  const isSaid = servers.every(({ account }) => account.hasNext && !account.hasOld);
  return [
    ...servers.map((node) => serverAccepts(node, secret, means)),
    ...sentinels.flatMap((node) => says(node, secret, isSaid, means)),
    ...servers.flatMap((node) => replicates(node, secret)),
    ...(keepsOld ? [] : servers.map((node) => serverForgets(node, secret))),
  ];
}

function forSentinels(
  sentinels: readonly SentinelNode[],
  secret: Secret,
  keepsOld: boolean,
  means: Means,
): Step[] {
  return [
    ...sentinels.map((node) => sentinelAccepts(node, secret, means)),
    ...sentinels.flatMap((node) => saysToPeers(node, secret, means)),
    ...(keepsOld ? [] : sentinels.map((node) => sentinelForgets(node, secret))),
  ];
}

function serverAccepts(node: ServerNode, secret: Secret, { tryServer }: Means): Step {
  const { name, client, account } = node;
  const text = `accepts the new password of ${shown(secret.user)}, too`;
  return {
    ...{ name, text, isDone: account.hasNext },
    async run() {
      await accept(client, secret);
      await tryServer(node);
      return await saveServer(client);
    },
  };
}

function says(node: SentinelNode, secret: Secret, isDone: boolean, means: Means): Step[] {
  const { name, client } = node;
  return node.saysTo.map((master) => ({
    ...{ name, isDone, text: `says the new one to the servers of ${shown(master)}` },
    async run() {
      await client.call(["SENTINEL", "SET", master, "auth-pass", secret.next]);
      await means.until("it does not hear all servers again", () => hearsServers(client, master));
      return null;
    },
  }));
}

async function hearsServers(client: Client, master: string): Promise<boolean> {
  const row = rowOf(await client.call(["SENTINEL", "MASTER", master]));
  const replicas = rowsOf(await client.call(["SENTINEL", "REPLICAS", master]));
  const isHeard = replicas.every((replica) => replica.text("flags") === "slave");
  return row.text("flags") === "master" && isHeard;
}

function replicates({ name, client, replication }: ServerNode, { next }: Secret): Step[] {
  if (replication === "other") return [];
  const text = "says the new one to its master, as a replica (masterauth)";
  const isDone = replication === "next";
  const run = async () => {
    await client.call(["CONFIG", "SET", "masterauth", next]);
    return await saveServer(client);
  };
  return [{ name, text, isDone, run }];
}

function serverForgets({ name, client, account }: ServerNode, secret: Secret): Step {
  const text = `no longer accepts the old password of ${shown(secret.user)}`;
  return {
    ...{ name, text, isDone: !account.hasOld },
    async run() {
      await removeFromServer(client, secret, account);
      return await saveServer(client);
    },
  };
}

function sentinelAccepts(node: SentinelNode, secret: Secret, { trySentinel }: Means): Step {
  const { name, client, account } = node;
  const text = `accepts the new password of ${shown(secret.user)}, too`;
  return {
    ...{ name, text, isDone: account?.hasNext === true },
    async run() {
      await accept(client, secret);
      await trySentinel(node);
      return await saveSentinel(client);
    },
  };
}

function saysToPeers(node: SentinelNode, secret: Secret, means: Means): Step[] {
  const { name, client, peers, masters } = node;
  if (peers === "other") return [];
  const text = "says the new one to the other Sentinels";
  return [
    {
      ...{ name, text, isDone: peers === "next" },
      async run() {
        await client.call(["SENTINEL", "CONFIG", "SET", "sentinel-pass", secret.next]);
        for (const master of masters) {
          await means.until("it does not hear all Sentinels again", async () => {
            const rows = rowsOf(await client.call(["SENTINEL", "SENTINELS", master]));
            return rows.every((row) => row.text("flags") === "sentinel");
          });
        }
        return null;
      },
    },
  ];
}

function sentinelForgets({ name, client, account, isOurs }: SentinelNode, secret: Secret): Step {
  const text = `no longer accepts the old password of ${shown(secret.user)}`;
  return {
    ...{ name, text, isDone: account?.hasOld !== true },
    async run() {
      if (account === null) throw new Refusal("its users are not known");
      await removeFromSentinel(client, secret, account, isOurs);
      return await saveSentinel(client);
    },
  };
}
