import { RespClient } from "../support/resp-client.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import { firstTime } from "./poll.ts";

const everyMs = 10;
const timeoutMs = 60_000;

/**
 * A client that asks one Sentinel every 10 ms where the master is, and writes as soon as it is
 * told a new address. Resolves with the instant of the first write that the new master accepted.
 */
export async function firstWriteOnNewMaster(
  sentinel: SentinelNode,
  master: string,
  oldAddress: string,
): Promise<number> {
  return await firstTime(
    "a write on the new master",
    async () => {
      const address = await sentinel.masterAddress(master);
      return address !== null && address !== oldAddress && (await writes(address));
    },
    { everyMs, timeoutMs },
  );
}

async function writes(address: string): Promise<boolean> {
  const [host, port] = address.split(":");
  const client = await RespClient.open({ host, port: Number(port) });
  try {
    return (await client.call("SET", "bench:written", "1")) === "OK";
  } finally {
    client.close();
  }
}
