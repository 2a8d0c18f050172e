// Child of a benchmark, started by farm.ts: N masters, each with a replica, in one process, since
// so many real servers would take more of the machine than the Sentinels that are measured.
import type { FarmServer } from "./farm-server.ts";
import type { FarmAction, FarmAnswer, FarmOrder } from "./messages.ts";
import { World } from "./world.ts";

let world: World | null = null;

process.on("message", (order: FarmOrder) => {
  obey(order).then(
    () => answer({ type: "done" }),
    (error: unknown) => answer({ type: "failed", why: String(error) }),
  );
});
// Nothing outlives the benchmark, however it ended.
process.on("disconnect", () => process.exit(0));

async function obey(order: FarmOrder): Promise<void> {
  if (order.type === "start") {
    world = new World(order.port, order.groups, order.info);
    await world.start();
    return;
  }
  for (const address of order.addresses) {
    const server = world?.serverAt(address);
    if (server === undefined) throw new Error(`no server at ${address}`);
    await act(server, order.type);
  }
}

async function act(server: FarmServer, action: FarmAction): Promise<void> {
  switch (action) {
    case "kill":
      return server.kill();
    case "hang":
      return server.hang();
    case "resume":
      return server.resume();
    case "revive":
      return await server.revive();
    default:
      action satisfies never;
  }
}

function answer(message: FarmAnswer): void {
  process.send?.(message);
}
