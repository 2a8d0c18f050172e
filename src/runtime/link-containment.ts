import dataHandlerModule from "ioredis/built/DataHandler.js";

/** The part of ioredis's reply handler that the containment needs. */
interface ReplyHandler {
  dispatch(handle: () => void): void;
  returnFatalError(error: unknown): void;
}

/**
 * Makes a nonsensical reply the end of its connection.
 *
 * ioredis 6 trusts the shape of what a server says: a null out of turn, `:1` as the answer to
 * SUBSCRIBE or a push that starts with a null make its handler throw, and it rethrows that on the
 * next tick, where nobody can catch it and the process ends. A Sentinel talks to machines that
 * are failing, so here such an exception takes the path ioredis has for bytes it cannot parse:
 * the connection fails. (Our own code runs inside, too, but it answers for its own exceptions:
 * `Daemon.dispatch` lets none out.)
 */
export function containReplyErrors(): void {
  const handler = dataHandlerModule.default.prototype as unknown as ReplyHandler;
  if (typeof handler.dispatch !== "function" || typeof handler.returnFatalError !== "function") {
    throw new Error(
      "This version of ioredis handles replies in a way that is not known to be safe",
    );
  }
  handler.dispatch = function (this: ReplyHandler, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.returnFatalError(error);
    }
  };
}
