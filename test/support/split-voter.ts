import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import RedisParser from "redis-parser";
import { releasePort, reservePort } from "./ports.ts";

/**
 * A Sentinel of the protocol only: it sees every master down, and votes for itself in every epoch, or
 * in those up to `lastSplit` and after it for whoever asks. Two of these and one real Sentinel make an
 * election that nobody can win.
 */
export class SplitVoter {
  readonly id: string;
  readonly port: number;
  readonly #lastSplit: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async listen(id: string, lastSplit = Number.POSITIVE_INFINITY): Promise<SplitVoter> {
    const voter = new SplitVoter(id, await reservePort(), lastSplit);
    voter.#server.listen(voter.port, "127.0.0.1");
    await once(voter.#server, "listening");
    return voter;
  }

  private constructor(id: string, port: number, lastSplit: number) {
    this.id = id;
    this.port = port;
    this.#lastSplit = lastSplit;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  /** The greeting that makes it known as a Sentinel of the master. */
  hello(master: string, masterPort: number): string {
    return `127.0.0.1,${this.port},${this.id},0,${master},127.0.0.1,${masterPort},0`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    releasePort(this.port);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const parser = new RedisParser({
      returnReply: (words) => socket.write(this.#answer(words as string[])),
      returnError: () => socket.destroy(),
      returnBuffers: false,
    });
    socket.on("data", (bytes: Buffer) => parser.execute(bytes));
  }

  #answer([name = "", , , , epoch = "", candidate = ""]: readonly string[]): string {
    switch (name.toUpperCase()) {
      case "PING":
        return "+PONG\r\n";
      case "PUBLISH":
        return ":1\r\n";
      case "SENTINEL":
        if (candidate === "*") return "*3\r\n:1\r\n$1\r\n*\r\n:0\r\n";
        return `*3\r\n:1\r\n$40\r\n${this.#choice(epoch, candidate)}\r\n:${epoch}\r\n`;
      default:
        return "+OK\r\n";
    }
  }

  #choice(epoch: string, candidate: string): string {
    return Number(epoch) <= this.#lastSplit ? this.id : candidate;
  }
}
