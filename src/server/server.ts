import type { ServerConfig } from "../config/server-config.ts";
import type { ClientId } from "../core/input.ts";
import type { Reply } from "../core/reply.ts";
import type { ServerHost } from "./host.ts";

/** A RESP server for our clients. */
export interface Server {
  /**
   * Opens every listener. Rejects with an Error whose message is the sentence for the operator
   * (wire.md 1.1); warnings went to `host.log` before.
   */
  listen(): Promise<void>;
  /** Answers a command handed over by `ServerHost.execute`; a client gone meanwhile is ignored. */
  reply(client: ClientId, reply: Reply): void;
  /** Delivers one event to the subscribers of `channel` and of matching patterns. */
  publish(channel: string, payload: string): void;
  /** The `user` lines of the rewritten file, canonical, without the word `user`, sorted by name. */
  userLines(): readonly string[];
  /** Time-dependent duties (idle clients, output limits); called at each tick of the process. */
  tick(): void;
  /** Closes the listeners and clients and removes the unix socket. */
  close(): void;
}

export declare function createServer(config: ServerConfig, host: ServerHost): Server;
