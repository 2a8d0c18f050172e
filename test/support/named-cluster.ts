import { type Cluster, settled } from "./cluster.ts";
import type { Scene } from "./scene.ts";

/** Three servers and three Sentinels that call each other by name, `localhost`. */
export async function startNamedCluster(
  scene: Scene,
  { config = [] }: { readonly config?: readonly string[] } = {},
): Promise<Cluster> {
  const announced = { config: ["replica-announce-ip localhost", ...config] };
  const master = await scene.redis(announced);
  const copies = [1, 2].map(() => scene.redis({ ...announced, master }));
  const redises = [master, ...(await Promise.all(copies))];
  const lines = [
    "sentinel resolve-hostnames yes",
    "sentinel announce-hostnames yes",
    `sentinel monitor mymaster localhost ${master.port} 2`,
    "sentinel down-after-milliseconds mymaster 5000",
  ];
  const sentinels = [1, 2, 3].map(() => scene.sentinel({ config: lines }));
  const cluster = { scene, master, redises, sentinels: await Promise.all(sentinels) };
  await settled(cluster);
  return cluster;
}
