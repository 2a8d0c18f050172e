import type { Socket } from "node:net";
import RedisParser from "redis-parser";
import { execute } from "./commands.ts";
import type { FarmServer } from "./farm-server.ts";

/** One connection to a simulated server. What one read brings is answered by one write. */
export class FarmClient {
  readonly server: FarmServer;
  /** The commands since MULTI; null outside of a transaction. */
  queued: string[][] | null = null;
  readonly channels = new Set<string>();
  readonly #socket: Socket;
  #replies = "";
  #closed = false;

  constructor(server: FarmServer, socket: Socket) {
    this.server = server;
    this.#socket = socket;
    const parser = new RedisParser({
      returnReply: (words) => this.#execute(words as string[]),
      returnError: () => this.close(),
      returnFatalError: () => this.close(),
      returnBuffers: false,
    });
    socket.on("data", (bytes: Buffer) => {
      parser.execute(bytes);
      this.#flush();
    });
    // A Sentinel that was killed resets the connection; "close" follows.
    socket.on("error", () => this.close());
    socket.on("close", () => this.close());
  }

  write(text: string): void {
    if (!this.#closed && this.server.state === "alive") this.#socket.write(text, "latin1");
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** What was answered before goes out first, as with a server that closes after the reply. */
  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.server.clients.delete(this);
    for (const channel of this.channels) this.server.subscribers.get(channel)?.delete(this);
    this.#socket.destroy();
  }

  #execute(words: string[]): void {
    if (this.#closed || !Array.isArray(words)) return;
    this.#replies += execute(this, words);
  }

  #flush(): void {
    if (this.#replies === "") return;
    const replies = this.#replies;
    this.#replies = "";
    this.write(replies);
  }
}
