import { array, OK, type Reply } from "../../src/base/reply.ts";
import type { SimConnection } from "./network.ts";
import { EXECABORT, QUEUED } from "./redis-replies.ts";

/** The answer to one command, in a transaction or not; a refusal comes in place of doing it. */
export function transact(
  connection: SimConnection,
  args: readonly string[],
  refusal: Reply | null,
  execute: (args: readonly string[]) => Reply,
): Reply {
  const { queued } = connection;
  if (refusal) {
    if (queued) connection.isAborted = true;
    return refusal;
  }
  if (args[0] === "MULTI") {
    connection.queued = [];
    connection.isAborted = false;
    return OK;
  }
  if (args[0] === "EXEC") {
    const { isAborted } = connection;
    connection.queued = null;
    connection.isAborted = false;
    return isAborted ? EXECABORT : array((queued ?? []).map(execute));
  }
  if (!queued) return execute(args);
  queued.push(args);
  return QUEUED;
}
