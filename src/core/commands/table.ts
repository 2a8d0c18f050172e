import type { Handler } from "./call.ts";
import { checkQuorum } from "./check-quorum.ts";
import { setOrGetConfig } from "./config.ts";
import { debugHandlers } from "./debug.ts";
import { resetEpoch } from "./epoch.ts";
import { failoverHandlers } from "./failover.ts";
import { forget } from "./forget.ts";
import { historyId } from "./history-id.ts";
import { inspectionHandlers } from "./inspect.ts";
import { managementHandlers } from "./manage.ts";
import { pauseHandlers } from "./pause.ts";
import { set } from "./set.ts";

/**
 * SENTINEL's subcommands by lower-case name. Everything else that is known of one is the server's
 * (`src/server/commands/sentinel`). The spellings with "primary" are Valkey's [D-PRIMARY].
 */
export const SENTINEL_COMMANDS: ReadonlyMap<string, Handler> = new Map(
  Object.entries({
    ...inspectionHandlers,
    ...managementHandlers,
    ...failoverHandlers,
    ...debugHandlers,
    ...pauseHandlers,
    forget,
    "history-id": historyId,
    set,
    config: setOrGetConfig,
    ckquorum: checkQuorum,
    "reset-epoch": resetEpoch,
  }),
);
