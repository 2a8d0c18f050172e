import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import RedisParser from "redis-parser";

export type RespValue = string | number | null | Error | RespValue[];

export interface RespClientOptions {
  readonly port: number;
  /** 127.0.0.1 unless given: the address of a host that a test made. */
  readonly host?: string | undefined;
  /** For the connection and for each reply. */
  readonly timeoutMs?: number | undefined;
  readonly password?: string | undefined;
  readonly user?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
}

interface Waiter {
  resolve(value: RespValue): void;
  reject(error: Error): void;
}

const connectTimeoutMs = 2000;
const replyTimeoutMs = 5000;

/** One RESP2 connection: replies in order, messages of subscriptions aside. */
export class RespClient {
  readonly #socket: Socket;
  readonly #replyTimeoutMs: number;
  readonly #waiters: Waiter[] = [];
  #onMessage: ((words: readonly string[]) => void) | null = null;
  #closed: Error | null = null;

  static async open(options: RespClientOptions): Promise<RespClient> {
    const socket = await openSocket(options);
    const client = new RespClient(socket, options.timeoutMs ?? replyTimeoutMs);
    const { user, password } = options;
    if (password !== undefined) {
      await client.call("AUTH", ...(user === undefined ? [] : [user]), password);
    }
    return client;
  }

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#replyTimeoutMs = timeoutMs;
    const parser = new RedisParser({
      returnReply: (reply) => this.#receive(reply as RespValue),
      returnError: (error) => this.#receive(error),
      returnFatalError: (error) => this.#close(error),
      returnBuffers: false,
    });
    socket.on("data", (bytes: Buffer) => parser.execute(bytes));
    socket.on("error", (error: Error) => this.#close(error));
    socket.on("end", () => this.#close(new Error("connection ended")));
    socket.on("close", () => this.#close(new Error("connection closed")));
  }

  get closed(): boolean {
    return this.#closed !== null;
  }

  /** An error reply rejects. */
  async call(...words: readonly string[]): Promise<RespValue> {
    if (this.#closed !== null) throw this.#closed;
    const late = (): void => this.#close(new Error(`no reply: ${words[0]}`));
    const timer = setTimeout(late, this.#replyTimeoutMs);
    try {
      return await new Promise<RespValue>((resolve, reject) => {
        this.#waiters.push({ resolve, reject });
        this.#socket.write(encodeCommand(words));
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** `[kind, channel, payload]` or `[kind, pattern, channel, payload]`, confirmations included. */
  async psubscribe(pattern: string, onMessage: (words: readonly string[]) => void): Promise<void> {
    await this.call("PSUBSCRIBE", pattern);
    this.#onMessage = onMessage;
  }

  close(): void {
    this.#close(new Error("closed by the test"));
  }

  #receive(reply: RespValue): void {
    if (this.#onMessage !== null && Array.isArray(reply)) {
      this.#onMessage(reply.map(String));
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter === undefined) return;
    if (reply instanceof Error) waiter.reject(reply);
    else waiter.resolve(reply);
  }

  #close(error: Error): void {
    if (this.#closed !== null) return;
    this.#closed = error;
    this.#socket.destroy();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}

export function encodeCommand(words: readonly string[]): string {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${bulks.join("")}`;
}

/** `["a", "1", "b", "2"]` as it stands in most replies of a Sentinel. */
export function toRecord(flat: RespValue): Record<string, string> {
  if (!Array.isArray(flat)) throw new Error(`Not a list of pairs: ${JSON.stringify(flat)}`);
  const record: Record<string, string> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) record[String(flat[at])] = String(flat[at + 1]);
  return record;
}

function openSocket(options: RespClientOptions): Promise<Socket> {
  const { port, tls, host = "127.0.0.1", timeoutMs = connectTimeoutMs } = options;
  return new Promise((resolve, reject) => {
    const socket =
      tls === undefined
        ? connect({ port, host, noDelay: true })
        : connectTls({ ...tls, port, host });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer from ${port}`)));
    socket.once("error", reject);
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
