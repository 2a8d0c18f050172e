import type { Asker } from "../base/journal-entry.ts";
import type { Reply } from "../base/reply.ts";
import type { Brand } from "./brand.ts";
import type { ConnectionId, RequestId, ScriptJobId } from "./state.ts";

/** Names one client of our server; the server makes them, the core only hands them back. */
export type ClientId = Brand<number, "client">;

/**
 * Everything that can happen to a Sentinel. All text is byte strings (latin1).
 *
 * - `start`: the first input, once.
 * - `tick`: time passed; 10 to 19 times a second at random intervals.
 * - `command`: a client asks for SENTINEL, ROLE or PUBLISH; arity, authentication and ACL are
 *   already checked. Exactly one `reply` effect answers it, perhaps in a later step.
 * - `linkUp`: a connection asked for by `connect` is established (TLS included);
 *   `localIp` is its own end.
 * - `linkDown`: it failed or was closed by the other side. Not sent after our `disconnect`.
 * - `reply`: the answer to a `send`.
 * - `message`: something arrived on a subscribed connection (a `message` push).
 * - `resolved`: the answer to `resolve`; `ip` is null when the name has no address.
 * - `scriptStarted`, `scriptExit`: a `runScript` has a process; it ended. A path that cannot be
 *   executed ends with exit code 2; a fork that fails with `signal` 99 and code 0 [SCRIPT-RUN].
 * - `again`: the answer to `again`.
 * - `kept`: the outcome of the eldest `keep` that was not answered yet.
 * - `saving`: the file that a step's `saveConfig` asked for is written now. Its effects come before that
 *   step's: what it finds was so before.
 * - `saved`, `saveFailed`: the outcome, given right after the effects of that step, before any other
 *   input. What passed since `saving` is known to be the disk's doing.
 */
export type Input =
  | { readonly type: "start" }
  | { readonly type: "tick" }
  | {
      readonly type: "command";
      readonly client: ClientId;
      readonly args: readonly string[];
      /** Who asks, where the journal tells it. */
      readonly by?: Asker | undefined;
    }
  | { readonly type: "linkUp"; readonly connection: ConnectionId; readonly localIp: string }
  | { readonly type: "linkDown"; readonly connection: ConnectionId; readonly reason: string }
  | {
      readonly type: "reply";
      readonly connection: ConnectionId;
      readonly request: RequestId;
      readonly reply: Reply;
    }
  | {
      readonly type: "message";
      readonly connection: ConnectionId;
      readonly channel: string;
      readonly payload: string;
    }
  | { readonly type: "resolved"; readonly host: string; readonly ip: string | null }
  | { readonly type: "scriptStarted"; readonly job: ScriptJobId; readonly pid: number }
  | {
      readonly type: "scriptExit";
      readonly job: ScriptJobId;
      readonly exitCode: number;
      /** Number of the signal that ended it, 0 if it exited by itself. */
      readonly signal: number;
    }
  | { readonly type: "again" }
  | { readonly type: "kept"; readonly ok: boolean }
  | { readonly type: "saving" }
  | { readonly type: "saved" }
  | { readonly type: "saveFailed"; readonly reason: string };
