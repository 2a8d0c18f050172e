import type { Incident } from "../base/journal-entry.ts";
import type { Reply } from "../base/reply.ts";
import type { Extra } from "./extra.ts";
import type { ClientId } from "./input.ts";
import type { ConnectionId, Millis, RequestId, ScriptJobId } from "./state.ts";

/** As Redis names them; the text log marks them `.`, `-`, `*` and `#`. */
export type LogLevel = "debug" | "verbose" | "notice" | "warning";
export const LOG_LEVELS = ["debug", "verbose", "notice", "warning", "nothing"] as const;
/** What `loglevel` may be: the least level that is written. */
export type LogThreshold = (typeof LOG_LEVELS)[number];

/**
 * Everything a Sentinel may ask of the world, performed in order by the runtime.
 *
 * - `connect`: open a connection under a new id. `host` is the name for TLS (SNI), `ip` the
 *   address to dial. Answered by `linkUp` or `linkDown`.
 * - `disconnect`: close it; nothing of it may be heard afterwards.
 * - `send`: write one command; its answer comes as `reply`. Only sent while the link is up.
 * - `reply`: answers the client of a `command`.
 * - `event`: one line in the log (`name payload`) and, unless its level is debug, one message on
 *   the channel `name`, whatever the log's threshold.
 * - `log`: one line in the log only.
 * - `resolve`: look a host name up without blocking; answered by `resolved`.
 * - `runScript`: execute `argv[0]` with the rest as arguments, without a shell; answered by
 *   `scriptStarted` and `scriptExit`. `killScript`: SIGKILL it.
 * - `logLevel`: change the log's threshold, also in the file.
 * - `keep`: write the state beside the file [EXTRA-FILE], answered by `kept`; each in its turn.
 * - `journal`: write it down [JOURNAL-FILE], in the order of these effects, and never at the cost of anything else.
 * - `configure`: use these settings of the process, all that were changed since the start; they are in the file.
 * - `fault`: an exception of our own in the business of one master (`contain.ts`): a bug, told loudly.
 *   Everything else goes on.
 * - `again`: there is more to do than one step may take. Answered by `again`, once others had their turn.
 * - `exit`: end the process at once with this status, nothing cleaned up (SIMULATE-FAILURE).
 */
export type Effect =
  | {
      readonly type: "connect";
      readonly connection: ConnectionId;
      readonly purpose: "command" | "pubsub";
      readonly host: string;
      readonly ip: string;
      readonly port: number;
    }
  | { readonly type: "disconnect"; readonly connection: ConnectionId }
  | {
      readonly type: "send";
      readonly connection: ConnectionId;
      readonly request: RequestId;
      readonly args: readonly string[];
      /**
       * What the command does, for runtimes that must know it under a renamed name. Only INFO is answered
       * with a text, anything else with a few words.
       */
      readonly asksInfo: boolean;
      readonly subscribes: boolean;
    }
  | { readonly type: "reply"; readonly client: ClientId; readonly reply: Reply }
  | {
      readonly type: "event";
      readonly level: LogLevel;
      readonly name: string;
      readonly payload: string;
    }
  | { readonly type: "log"; readonly level: LogLevel; readonly text: string }
  | { readonly type: "resolve"; readonly host: string }
  | { readonly type: "runScript"; readonly job: ScriptJobId; readonly argv: readonly string[] }
  | { readonly type: "killScript"; readonly job: ScriptJobId; readonly pid: number }
  | { readonly type: "logLevel"; readonly threshold: LogThreshold }
  | { readonly type: "keep"; readonly extra: Extra }
  | { readonly type: "journal"; readonly at: Millis; readonly incident: Incident }
  | { readonly type: "configure"; readonly settings: ReadonlyMap<string, string> }
  | { readonly type: "fault"; readonly where: string; readonly error: unknown }
  | { readonly type: "again" }
  | { readonly type: "exit"; readonly code: number };

/** What one step asks for. With `saveConfig`, the file is written before any effect is performed. */
export interface Output {
  readonly saveConfig: boolean;
  readonly effects: readonly Effect[];
}
