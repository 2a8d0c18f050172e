import type { ConnectionId, RequestId, ScriptJobId } from "../../src/core/state.ts";

// Ids as only the core makes them, for who stands in its place or answers it by number.

export function connectionId(id: number): ConnectionId {
  return id as ConnectionId;
}

export function requestId(id: number): RequestId {
  return id as RequestId;
}

export function scriptJobId(id: number): ScriptJobId {
  return id as ScriptJobId;
}

/** Those of an answer. */
export function replyIds(connection: number, request: number) {
  return { connection: connectionId(connection), request: requestId(request) };
}
