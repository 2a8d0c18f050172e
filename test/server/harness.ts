import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { array, bulk, integer, type Reply, status } from "../../src/base/reply.ts";
import type { ServerConfig } from "../../src/config/server-config.ts";
import type { LogLevel } from "../../src/core/effect.ts";
import type { ClientId } from "../../src/core/input.ts";
import { REDIS_VERSION } from "../../src/runtime/version.ts";
import type { ServerHost } from "../../src/server/host.ts";
import { createServer, type Server } from "../../src/server/server.ts";

const MIB = 1024 * 1024;

/** The defaults of Sentinel mode, listening nowhere. */
export const DEFAULT_CONFIG: ServerConfig = {
  port: 0,
  tlsPort: 0,
  bind: [],
  unixsocket: null,
  unixsocketperm: 0,
  unixsocketgroup: null,
  hz: 10,
  protectedMode: false,
  tcpBacklog: 511,
  tcpKeepaliveSeconds: 300,
  timeoutSeconds: 0,
  maxclients: 10000,
  daemonize: false,
  supervised: "no",
  pidfile: null,
  loglevel: "notice",
  logFormat: "legacy",
  logTimestampFormat: "legacy",
  logfile: "",
  syslogEnabled: false,
  syslogIdent: "redis",
  syslogFacility: "local0",
  dir: null,
  requirepass: null,
  users: [],
  aclfile: null,
  acllogMaxLen: 128,
  aclPubsubDefault: "resetchannels",
  clientQueryBufferLimitBytes: 1024 * MIB,
  protoMaxBulkLenBytes: 512 * MIB,
  maxmemoryClientsBytes: null,
  oomScoreAdj: null,
  clientOutputBufferLimit: {
    normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    replica: { hardBytes: 256 * MIB, softBytes: 64 * MIB, softSeconds: 60 },
    pubsub: { hardBytes: 32 * MIB, softBytes: 8 * MIB, softSeconds: 60 },
  },
  bindSourceAddr: null,
  tls: {
    certFile: null,
    keyFile: null,
    keyFilePass: null,
    clientCertFile: null,
    clientKeyFile: null,
    clientKeyFilePass: null,
    dhParamsFile: null,
    caCertFile: null,
    caCertDir: null,
    authClients: "yes",
    authClientsUser: "off",
    autoReloadSeconds: 0,
    protocols: null,
    ciphers: null,
    ciphersuites: null,
    groups: null,
    expectedPeerNames: [],
    preferServerCiphers: false,
  },
  tlsReplication: false,
  setProcTitle: true,
  procTitleTemplate: "",
  alwaysShowLogo: false,
  renamedCommands: [],
};

/** A process around the server that answers SENTINEL itself and whose clock stands still. */
export class FakeHost implements ServerHost {
  nowMs = 1000;
  readonly logged: (readonly [LogLevel, string])[] = [];
  readonly executed: (readonly [ClientId, readonly string[]])[] = [];
  shutdowns = 0;
  /** What a forwarded command does; by default an answer within the call. */
  onExecute: (client: ClientId, args: readonly string[]) => void = (client, args) =>
    this.server?.reply(client, answerOf(args));
  server: Server | null = null;

  readonly process = {
    redisVersion: REDIS_VERSION,
    ownVersion: "1.2.3",
    runId: "f".repeat(40),
    configFile: "/etc/redis/sentinel.conf",
    executable: "/usr/bin/redis-sentinel",
    supervised: "no",
    hz: () => 10,
  } as const;

  execute(client: ClientId, args: readonly string[]): void {
    this.executed.push([client, args]);
    this.onExecute(client, args);
  }

  masterAddress: ServerHost["masterAddress"] = () => null;

  sentinelInfo: ServerHost["sentinelInfo"] = () => "# Sentinel\r\nsentinel_masters:0\r\n";

  explain: ServerHost["explain"] = () => Promise.resolve(null);

  journal: ServerHost["journal"] = () => Promise.resolve([]);

  shutdown(): void {
    this.shutdowns += 1;
  }

  /** What was told of TLS files: `renewed`, `ended`, or what is wrong. */
  readonly tlsTold: string[] = [];
  readonly tlsNews = {
    renewed: () => void this.tlsTold.push("renewed"),
    trouble: (_user: string, problem: string | null) => void this.tlsTold.push(problem ?? "ended"),
  };

  log(level: LogLevel, text: string): void {
    this.logged.push([level, text]);
  }

  writeAclFile(path: string, bytes: Buffer): void {
    writeFileSync(path, bytes);
  }

  now(): number {
    return this.nowMs;
  }
}

function answerOf(args: readonly string[]): Reply {
  const name = args[0]?.toLowerCase();
  if (name === "role") return array([bulk("sentinel"), array([bulk("mymaster")])]);
  if (name === "publish") return integer(1);
  return args[1]?.toLowerCase() === "masters" ? array([]) : status("FORWARDED");
}

export interface Started {
  readonly server: Server;
  readonly host: FakeHost;
  connect(): Promise<Client>;
}

/** A server on a unix socket of its own, closed with the test. */
export async function start(
  t: TestContext,
  overrides: Partial<ServerConfig> = {},
  clientsBytes?: number,
): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  const unixsocket = join(folder, "s");
  const host = new FakeHost();
  const config = { ...DEFAULT_CONFIG, unixsocket, ...overrides };
  const server = createServer(config, host, clientsBytes);
  host.server = server;
  const clients: Client[] = [];
  t.after(() => {
    for (const client of clients) client.socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await server.listen();
  return {
    server,
    host,
    connect: async () => {
      const client = await Client.open(connect(unixsocket));
      clients.push(client);
      return client;
    },
  };
}

/** A connection that shows the bytes it gets. */
export class Client {
  readonly socket: Socket;
  #received = "";
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static open(socket: Socket): Promise<Client> {
    return new Promise((resolve, reject) => {
      const client = new Client(socket);
      socket.once("connect", () => resolve(client));
      socket.once("error", reject);
    });
  }

  send(...words: string[]): void {
    this.raw(request(words));
  }

  raw(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** Sends one command and takes one reply, as text of `docs/protocol.md`. */
  async ask(...words: string[]): Promise<string> {
    this.send(...words);
    return this.reply();
  }

  /** The next whole reply. */
  async reply(): Promise<string> {
    for (;;) {
      const parsed = parseReply(this.#received, 0);
      if (parsed !== null) {
        this.#received = this.#received.slice(parsed.end);
        return parsed.text;
      }
      if (this.#ended) throw new Error(`closed after ${JSON.stringify(this.#received)}`);
      await this.#more();
    }
  }

  /** The next `length` bytes as they came. */
  async bytes(length: number): Promise<string> {
    while (this.#received.length < length && !this.#ended) await this.#more();
    const text = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return text;
  }

  /** Everything up to the server's close. */
  async untilClosed(): Promise<string> {
    while (!this.#ended) await this.#more();
    return this.#received;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

export function request(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

interface Parsed {
  readonly text: string;
  readonly end: number;
}

/** Reads one reply as `docs/protocol.md` writes it: `+OK`, `"bulk"`, `:1`, `[..]`, `~[..]`, `%{k: v}`. */
function parseReply(input: string, at: number): Parsed | null {
  const lineEnd = input.indexOf("\r\n", at);
  if (lineEnd === -1) return null;
  const line = input.slice(at + 1, lineEnd);
  const end = lineEnd + 2;
  switch (input[at]) {
    case "$":
      return line === "-1" ? { text: "$-1", end } : parseText(input, end, Number(line), "");
    case "=":
      return parseText(input, end, Number(line), "=txt:");
    case "*":
      return line === "-1" ? { text: "*-1", end } : parseItems(input, end, Number(line), "");
    case "~":
    case ">":
      return parseItems(input, end, Number(line), input[at] ?? "");
    case "%":
      return parsePairs(input, end, Number(line));
    default:
      return { text: input.slice(at, lineEnd), end };
  }
}

function parseText(input: string, at: number, length: number, mark: string): Parsed | null {
  if (input.length < at + length + 2) return null;
  const text = input.slice(at + (mark === "" ? 0 : 4), at + length);
  return { text: `${mark}${JSON.stringify(text)}`, end: at + length + 2 };
}

function parseItems(input: string, at: number, count: number, mark: string): Parsed | null {
  const items = parseMany(input, at, count);
  return items && { text: `${mark}[${items.texts.join(", ")}]`, end: items.end };
}

function parsePairs(input: string, at: number, count: number): Parsed | null {
  const items = parseMany(input, at, count * 2);
  if (items === null) return null;
  const pairs = [];
  for (let i = 0; i < count; i++) pairs.push(`${items.texts[2 * i]}: ${items.texts[2 * i + 1]}`);
  return { text: `%{${pairs.join(", ")}}`, end: items.end };
}

function parseMany(
  input: string,
  start: number,
  count: number,
): { texts: string[]; end: number } | null {
  const texts: string[] = [];
  let end = start;
  for (let i = 0; i < count; i++) {
    const item = parseReply(input, end);
    if (item === null) return null;
    texts.push(item.text);
    end = item.end;
  }
  return { texts, end };
}
