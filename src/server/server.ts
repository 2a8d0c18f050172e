import { rmSync } from "node:fs";
import type { Server as NetServer } from "node:net";
import { userForConfig } from "../acl/user.ts";
import { textOf } from "../base/bytes.ts";
import type { Reply } from "../base/reply.ts";
import type { ServerConfig } from "../config/server-config.ts";
import type { ClientId } from "../core/input.ts";
import { acceptSocket, holdSocket } from "./accept.ts";
import { reloadAclFile } from "./acl-file.ts";
import { loadConfiguredUsers } from "./acl-load.ts";
import { createContext, type ServerContext } from "./context.ts";
import type { ServerHost } from "./host.ts";
import { openListeners } from "./listener.ts";
import { opennessWarning } from "./openness.ts";
import { endPauseIfDue, resumeAll } from "./pause.ts";
import { sampleRates } from "./stats.ts";
import { certificateEnd, type ListenerTls } from "./tls-files.ts";

/** Between two looks at the clients for idleness and output limits. */
const CLIENT_CHECK_MS = 1000;

/** A RESP server for our clients. */
export interface Server {
  /** When the certificate in use ends, in ms since 1970; null without one. */
  readonly certificateEndsAt: number | null;
  /** What TLS listeners use; null: there are none. */
  readonly tlsFiles: ListenerTls | null;
  /**
   * Opens every listener. Rejects with an Error whose message is the sentence for the operator
   * [WIRE-LISTEN]; warnings went to `host.log` before.
   */
  listen(): Promise<void>;
  /** Answers a command handed over by `ServerHost.execute`; a client gone meanwhile is ignored. */
  reply(client: ClientId, reply: Reply): void;
  /** Delivers one event to the subscribers of `channel` and of matching patterns. */
  publish(channel: string, payload: string): void;
  /**
   * The `user` lines of the rewritten file, canonical, without the word `user`, sorted by name. `requirepass`: as they
   * will be when it is in effect; undefined: it was never changed.
   */
  userLines(requirepass?: string): readonly string[];
  /** Uses another configuration: those of its values that may change while it runs. */
  configure(config: ServerConfig): void;
  /** Time-dependent duties (idle clients, output limits); called at each tick of the process. */
  tick(): void;
  /** Executes what was postponed, if it need not wait any longer. */
  resume(): void;
  /** Reads the ACL file again; an unusable one is told, and nothing changes. */
  reload(): void;
  /** Closes the listeners and clients and removes the unix socket. */
  close(): void;
}

/**
 * Builds the server without opening anything. Throws an Error whose message is the sentence for
 * the operator when the users of the configuration or of the ACL file cannot be loaded.
 * `clientsBytes`: what all clients together may take.
 */
export function createServer(
  config: ServerConfig,
  host: ServerHost,
  clientsBytes?: number,
): Server {
  const ctx = createContext(config, host, clientsBytes);
  const failure = loadConfiguredUsers(ctx);
  if (failure !== null) throw new Error(failure);
  return new RespServer(ctx);
}

class RespServer implements Server {
  readonly #ctx: ServerContext;
  #listeners: NetServer[] = [];
  /** Null: no listener speaks TLS. */
  #tlsFiles: ListenerTls | null = null;
  #lastClientId = 0;
  #clientsCheckedAtMs: number;

  constructor(ctx: ServerContext) {
    this.#ctx = ctx;
    this.#clientsCheckedAtMs = ctx.startedAtMs;
  }

  get certificateEndsAt(): number | null {
    return this.#tlsFiles === null ? null : certificateEnd(this.#tlsFiles);
  }

  get tlsFiles(): ListenerTls | null {
    return this.#tlsFiles;
  }

  async listen(): Promise<void> {
    const { acl, config, host } = this.#ctx;
    const warning = opennessWarning(config, acl);
    if (warning !== null) host.log("warning", warning);
    const { servers, tlsFiles } = await openListeners(config, host, {
      hold: (socket, transport) => holdSocket(this.#ctx, socket, transport),
      accept: (socket, transport) =>
        acceptSocket(this.#ctx, () => ++this.#lastClientId as ClientId, socket, transport),
    });
    this.#listeners = servers;
    this.#tlsFiles = tlsFiles;
  }

  reply(client: ClientId, reply: Reply): void {
    if (client < 0) this.#ctx.questions.answer(client, reply);
    else this.#ctx.clients.get(client)?.answer(reply);
  }

  publish(channel: string, payload: string): void {
    this.#ctx.pubsub.publish(channel, payload);
  }

  userLines(requirepass?: string): readonly string[] {
    const { acl, config } = this.#ctx;
    if (requirepass === undefined || (requirepass || null) === config.requirepass) {
      return acl.users().map(userForConfig);
    }
    const present = structuredClone(acl.defaultUser);
    acl.requirePassword(requirepass);
    const lines = acl.users().map(userForConfig);
    Object.assign(acl.defaultUser, present);
    return lines;
  }

  configure(config: ServerConfig): void {
    const ctx = this.#ctx;
    const isNew = config.requirepass !== ctx.config.requirepass;
    ctx.config = config;
    ctx.aclLog.resize(config.acllogMaxLen);
    if (isNew) ctx.acl.requirePassword(config.requirepass);
    this.#tlsFiles?.configure(config.tls);
  }

  tick(): void {
    const now = this.#ctx.host.now();
    sampleRates(this.#ctx.rates, this.#ctx.counters, now);
    this.#ctx.eventLoop.sample(now);
    endPauseIfDue(this.#ctx, now);
    if (now - this.#clientsCheckedAtMs < CLIENT_CHECK_MS) return;
    this.#clientsCheckedAtMs = now;
    checkClients(this.#ctx, now);
  }

  resume(): void {
    resumeAll(this.#ctx);
  }

  reload(): void {
    const { config, host } = this.#ctx;
    if (config.aclfile === null) return;
    const errors = reloadAclFile(this.#ctx, config.aclfile);
    if (errors === null) host.log("notice", "The ACL file was read again");
    else host.log("warning", errors);
  }

  close(): void {
    for (const listener of this.#listeners) listener.close();
    this.#removeUnixSocket();
    this.#listeners = [];
    for (const client of [...this.#ctx.clients.values()]) client.destroy();
    for (const socket of [...this.#ctx.sockets]) socket.destroy();
  }

  #removeUnixSocket(): void {
    const { config, host } = this.#ctx;
    if (config.unixsocket === null || this.#listeners.length === 0) return;
    host.log("notice", "Removing the unix socket file.");
    rmSync(textOf(config.unixsocket), { force: true });
  }
}

function checkClients(ctx: ServerContext, now: number): void {
  const { timeoutSeconds } = ctx.config;
  for (const client of [...ctx.clients.values()]) {
    const idleMs = now - client.lastActiveMs;
    const exempt = client.subscriptionCount > 0 || client.isBlocked;
    if (timeoutSeconds > 0 && idleMs > timeoutSeconds * 1000 && !exempt) {
      ctx.host.log("verbose", "Closing idle client");
      client.destroy();
    } else client.tick();
  }
}
