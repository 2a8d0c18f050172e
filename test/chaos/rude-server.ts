import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { releasePort, reservePort } from "../support/ports.ts";

/** What a stranger says on one connection; `heard` is how many requests have come so far. */
export type Manners = (socket: Socket, heard: number, request: string) => void;

/** However rude, the test itself must end: no connection gets more than this. */
const mostBytes = 96 * 1024 * 1024;

/** A server that was never meant to be watched. Nothing of it outlives `close`. */
export class RudeServer {
  readonly name: string;
  port = 0;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async listen(name: string, manners: Manners): Promise<RudeServer> {
    const server = new RudeServer(name, manners);
    server.port = await reservePort();
    server.#server.listen(server.port, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  private constructor(name: string, manners: Manners) {
    this.name = name;
    this.#server = createServer((socket) => this.#welcome(socket, manners));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    releasePort(this.port);
  }

  #welcome(socket: Socket, manners: Manners): void {
    let heard = 0;
    this.connections++;
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    manners(socket, heard, "");
    socket.on("data", (bytes) => {
      heard++;
      if (socket.writable) manners(socket, heard, bytes.toString("latin1"));
    });
  }
}

function answer(text: string | Buffer): Manners {
  return (socket, heard) => {
    if (heard > 0) socket.write(text);
  };
}

/** Begins at the first request and goes on for as long as it is listened to. */
function stream(opening: string, piece: string | Buffer): Manners {
  return (socket, heard) => {
    if (heard !== 1) return;
    socket.write(opening);
    const pour = (): void => {
      while (socket.writable && socket.bytesWritten < mostBytes && socket.write(piece));
    };
    socket.on("drain", pour);
    pour();
  };
}

function cycle(answers: readonly string[]): Manners {
  return (socket, heard) => {
    if (heard > 0) socket.write(answers[heard % answers.length] ?? "");
  };
}

const lyingInfo = [
  "# Replication",
  "role:master",
  "run_id:short",
  "connected_slaves:1000000",
  "slave0:ip=not an address,port=70000,state=online,offset=-5,lag=x",
  "slave1:ip=127.0.0.1,port=0,state=online",
  "slave2:ip=,port=,",
  "slave3",
  "slave4:ip=127.0.0.1\u0000,port=1\u0007",
  `slave5:ip=${"a".repeat(5000)},port=1`,
  "master_link_down_since_seconds:99999999999999999999",
  "slave_priority:-9999999999999999999",
].join("\r\n");

const wrongTypes = [
  ":1\r\n",
  "*3\r\n:1\r\n$-1\r\n*-1\r\n",
  "$-1\r\n",
  "-ERR no\r\n",
  "*0\r\n",
  `$${Buffer.byteLength(lyingInfo)}\r\n${lyingInfo}\r\n`,
  "*3\r\n$7\r\nmessage\r\n$18\r\n__sentinel__:hello\r\n:7\r\n",
  "*3\r\n$4\r\nabcd\r\n:-1\r\n$3\r\nxyz\r\n",
  "+PONG\r\n+PONG\r\n+PONG\r\n",
  "*2\r\n*1\r\n*1\r\n:1\r\n-LOADING\r\n",
];

/** Each by what it does. */
export const rudeManners: Readonly<Record<string, Manners>> = {
  silence: () => undefined,
  close: (socket) => socket.destroy(),
  half: (socket) => socket.end("+PO"),
  garbage: (socket) => socket.write(randomBytes(2000)),
  noise: stream("", randomBytes(65_536)),
  "endless-bulk": stream("$2000000000\r\n", Buffer.alloc(65_536, "A")),
  "endless-line": stream("+", Buffer.alloc(65_536, "A")),
  "endless-array": stream("*2000000000\r\n", ":1\r\n".repeat(10_000)),
  "endless-nesting": stream("", "*1\r\n".repeat(10_000)),
  "endless-pongs": stream("", "+PONG\r\n".repeat(8000)),
  "wrong-types": cycle(wrongTypes),
  "only-errors": answer("-NOAUTH Authentication required.\r\n"),
  "lying-info": (socket, heard) => {
    const info = `$${Buffer.byteLength(lyingInfo)}\r\n${lyingInfo}\r\n`;
    if (heard > 0) socket.write(heard % 2 === 0 ? info : "+PONG\r\n");
  },
};

/** One server for each kind of manners, closed in the end. */
export async function withRudeServers(
  body: (servers: readonly RudeServer[]) => Promise<void>,
): Promise<void> {
  const started = Object.entries(rudeManners).map(([name, manners]) =>
    RudeServer.listen(name, manners),
  );
  const servers = await Promise.all(started);
  try {
    await body(servers);
  } finally {
    closeAll(servers);
  }
}

export function closeAll(servers: readonly RudeServer[]): void {
  for (const server of servers) server.close();
}
