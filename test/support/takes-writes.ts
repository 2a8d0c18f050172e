import { setImmediate as turn } from "node:timers/promises";
import type { RedisNode } from "./redis-node.ts";
import { RespClient } from "./resp-client.ts";
import type { Scene } from "./scene.ts";
import type { Credentials } from "./server-node.ts";

/** From the first write that a server takes after its start to the last one, until it refuses them. */
export async function takesWritesMs(
  scene: Scene,
  { port }: RedisNode,
  credentials: Credentials = {},
): Promise<number> {
  let [first, last] = [0, 0];
  let client: RespClient | null = null;
  await scene.until("it refuses writes", async () => {
    while (client === null || client.closed) {
      client = await RespClient.open({ port, ...credentials }).catch(() => null);
      await turn();
    }
    for (;;) {
      const reply = await client.call("SET", "key", "value").catch(String);
      if (reply !== "OK") return `${reply}`.includes("READONLY");
      last = performance.now();
      first ||= last;
    }
  });
  return last - first;
}
