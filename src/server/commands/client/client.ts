import { container } from "../define.ts";
import { OF_SUBCOMMAND } from "../docs.ts";
import { connectionCommands } from "./connection.ts";
import { killCommand } from "./kill.ts";
import { listCommands } from "./list.ts";
import { pauseCommands } from "./pause.ts";
import { OWN_CONNECTION } from "./rights.ts";
import { trackingCommands } from "./tracking.ts";

/** CLIENT and its subcommands [CMD-CLIENT]. */
export const clientCommand = container({
  name: "client",
  arity: -2,
  flags: [],
  categories: ["slow"],
  group: "connection",
  since: "2.4.0",
  summary: "Holds the subcommands about connections.",
  complexity: OF_SUBCOMMAND,
  order: [
    "getname getredir id trackinginfo info help caching reply setname setinfo tracking list",
    "kill pause unblock no-evict unpause",
  ],
  helpOrder: [
    "caching getredir getname id info kill list unpause pause reply setname setinfo unblock",
    "tracking trackinginfo no-evict",
  ],
  helpCommand: { since: "5.0.0", categories: OWN_CONNECTION.categories },
  subcommands: [
    ...connectionCommands,
    ...listCommands,
    killCommand,
    ...pauseCommands,
    ...trackingCommands,
  ],
});
