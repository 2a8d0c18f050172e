import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import RedisParser from "redis-parser";
import { releasePort, reservePort } from "./ports.ts";

/** What a server of the protocol says to the words of a request, as the bytes of RESP. */
export type AnswerWords = (words: readonly string[]) => string;

/** Answers each request on a port of its own, until it is closed. */
export class WordServer {
  readonly port: number;
  readonly #answer: AnswerWords;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async listen(answer: AnswerWords): Promise<WordServer> {
    const words = new WordServer(await reservePort(), answer);
    words.#server.listen(words.port, "127.0.0.1");
    await once(words.#server, "listening");
    return words;
  }

  private constructor(port: number, answer: AnswerWords) {
    this.port = port;
    this.#answer = answer;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
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
}
