import type { Socket } from "node:net";
import { Acl } from "../acl/acl.ts";
import type { AclCommands } from "../acl/commands.ts";
import type { ServerConfig } from "../config/server-config.ts";
import type { ClientId } from "../core/input.ts";
import { Encoder } from "../resp/encode.ts";
import { RequestMemo } from "../resp/request-memo.ts";
import { AclLog } from "./acl-log.ts";
import { aclTable } from "./acl-table.ts";
import { evictClient } from "./client-ends.ts";
import { affordableBytes, ClientMemory } from "./client-memory.ts";
import type { CommandTable } from "./commands/spec.ts";
import { createCommandTable } from "./commands/standard.ts";
import { EventLoopFigures } from "./event-loop.ts";
import { FlushQueue } from "./flush-queue.ts";
import type { ServerHost } from "./host.ts";
import { type ClientLimits, clientLimits } from "./limits.ts";
import { PubSub } from "./pubsub.ts";
import { Questions } from "./questions.ts";
import { isRepeated } from "./request.ts";
import type { Session } from "./session.ts";
import { type Counters, createCounters, createRates, type Rates } from "./stats.ts";
import { Turns } from "./turns.ts";

/** What every command of the server can reach. */
export interface ServerContext {
  /** SENTINEL CONFIG SET may change some of it [D-LIVE-SETTINGS]. */
  config: ServerConfig;
  readonly host: ServerHost;
  readonly limits: ClientLimits;
  /** Of all clients. */
  readonly memo: RequestMemo;
  readonly encoder: Encoder;
  readonly commands: CommandTable;
  /** What the rules of users can name. */
  readonly aclCommands: AclCommands;
  readonly acl: Acl;
  readonly aclLog: AclLog;
  readonly pubsub: PubSub;
  /** By id, in the order they came. */
  readonly clients: Map<ClientId, Session>;
  /**
   * Every accepted connection that still has a descriptor: those of clients, and those that are
   * being refused, shake hands, or may fetch our last words.
   */
  readonly sockets: Set<Socket>;
  /** Of all clients together. */
  readonly memory: ClientMemory<Session>;
  readonly turns: Turns;
  readonly questions: Questions;
  readonly flushQueue: FlushQueue;
  readonly counters: Counters;
  readonly rates: Rates;
  readonly eventLoop: EventLoopFigures;
  readonly startedAtMs: number;
  /** CLIENT PAUSE; null when nobody waits. */
  pause: ClientPause | null;
  /** When a browser was last reported to the operator, who hears of it once a minute. */
  attackLoggedAtMs: number | null;
}

interface ClientPause {
  readonly untilMs: number;
  /** `write`: only what would change data waits, which here is PUBLISH. */
  readonly mode: "all" | "write";
}

/** Everything of a server that listens nowhere yet. */
export function createContext(
  config: ServerConfig,
  host: ServerHost,
  clientsBytes = affordableBytes(),
): ServerContext {
  const commands = createCommandTable(config.renamedCommands);
  const aclCommands = aclTable(commands);
  const startedAtMs = host.now();
  const clients = new Map<ClientId, Session>();
  const memory = new ClientMemory(
    Math.min(clientsBytes, config.maxmemoryClientsBytes ?? clientsBytes),
    () => clients.values(),
    (client: Session) => evictClient(ctx, client),
  );
  const ctx: ServerContext = {
    config,
    host,
    limits: clientLimits(config),
    memo: new RequestMemo((args) => isRepeated(commands, args)),
    encoder: new Encoder(),
    commands,
    aclCommands,
    acl: new Acl(aclCommands, config),
    aclLog: new AclLog(config.acllogMaxLen),
    pubsub: new PubSub(),
    clients,
    memory,
    turns: new Turns(),
    sockets: new Set(),
    questions: new Questions(),
    flushQueue: new FlushQueue(),
    counters: createCounters(),
    rates: createRates(startedAtMs),
    eventLoop: new EventLoopFigures(startedAtMs),
    startedAtMs,
    pause: null,
    attackLoggedAtMs: null,
  };
  return ctx;
}
