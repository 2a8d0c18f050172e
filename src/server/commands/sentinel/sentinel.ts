import { container } from "../define.ts";
import { OF_SUBCOMMAND } from "../docs.ts";
import { failoverCommands } from "./failover.ts";
import { inspectionCommands } from "./inspect.ts";
import { lookCommands } from "./look.ts";
import { maintenanceCommands } from "./maintenance.ts";
import { managementCommands } from "./manage.ts";
import { processCommands } from "./process.ts";
import { OPERATOR } from "./rights.ts";

/**
 * SENTINEL and its subcommands; all but HELP are the core's (`src/core/commands`). The spellings with
 * "primary" are Valkey's [D-PRIMARY].
 */
export const sentinelCommand = container({
  name: "sentinel",
  arity: -2,
  ...OPERATOR,
  group: "sentinel",
  since: "2.8.4",
  summary: "Holds the subcommands of the Sentinel.",
  complexity: OF_SUBCOMMAND,
  order: [
    "flushconfig masters myid pending-scripts reset-epoch explain forget history-id journal pause",
    "pauses resume help ckquorum failover",
    "get-master-addr-by-name master remove replicas reset sentinels slaves",
    "is-master-down-by-addr monitor primaries primary get-primary-addr-by-name",
    "is-primary-down-by-addr debug info-cache simulate-failure config set",
  ],
  // With these, 49 lines, as the reference has.
  helpOrder: [
    "ckquorum config debug get-master-addr-by-name failover flushconfig info-cache",
    "is-master-down-by-addr master masters monitor myid pending-scripts remove replicas reset",
    "sentinels set simulate-failure",
  ],
  helpCommand: { since: "6.2.0", categories: ["slow"] },
  subcommands: [
    ...inspectionCommands,
    ...managementCommands,
    ...failoverCommands,
    ...processCommands,
    ...maintenanceCommands,
    ...lookCommands,
  ],
});
