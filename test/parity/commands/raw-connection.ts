import { connect, type Socket } from "node:net";
import { encodeCommand } from "../../support/resp-client.ts";
import { within } from "../../support/until.ts";
import { parseWire, type Wire } from "./wire.ts";

const answerTimeoutMs = 30_000;

/** One connection to a daemon, read byte for byte. */
export class RawConnection {
  readonly #socket: Socket;
  #received = "";
  #ended = false;
  #wake: () => void = () => undefined;
  #fences = 0;

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
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

  get ended(): boolean {
    return this.#ended;
  }

  get port(): number {
    return this.#socket.localPort ?? 0;
  }

  async ask(words: readonly string[]): Promise<readonly Wire[]> {
    this.write(encodeLatin1(words));
    return await this.collect();
  }

  async askId(): Promise<string> {
    const [id] = await this.ask(["CLIENT", "ID"]);
    return id?.text ?? "";
  }

  write(bytes: string): void {
    this.#socket.write(bytes, "latin1");
  }

  /**
   * Everything up to the answer to a fence. A fence is an unknown command: it is answered before
   * authentication, permission, subscriptions and pauses are looked at.
   */
  async collect(): Promise<readonly Wire[]> {
    const fence = `fence-${++this.#fences}`;
    if (!this.#ended) this.write(encodeLatin1([fence]));
    const values: Wire[] = [];
    for (;;) {
      const value = await this.#next(fence);
      if (value === null || (value.mark === "-" && value.text.includes(`'${fence}'`))) break;
      values.push(value);
    }
    return values;
  }

  /** Everything up to the close that follows our own end. */
  async finish(): Promise<string> {
    this.#socket.end();
    while (!this.#ended) await within(this.#more(), answerTimeoutMs, "the end of a connection");
    return this.#take(this.#received.length);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The next value, or null when the server closed the connection. */
  async #next(fence: string): Promise<Wire | null> {
    for (;;) {
      const parsed = parseWire(this.#received);
      if (parsed !== null) {
        this.#take(parsed.end);
        return parsed.value;
      }
      if (this.#ended) return null;
      await within(this.#more(), answerTimeoutMs, `${fence} after ${this.#received.slice(-200)}`);
    }
  }

  #take(length: number): string {
    const taken = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return taken;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** `encodeCommand` counts the bytes of UTF-8; the corpus holds arbitrary bytes. */
function encodeLatin1(words: readonly string[]): string {
  const isAscii = words.every((word) => !/[\x80-\xff]/.test(word));
  if (isAscii) return encodeCommand(words);
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
