import { connect, type Socket } from "node:net";
import { encodeCommand } from "../support/resp-client.ts";
import { type Deferred, deferred, within } from "../support/until.ts";

const timeoutMs = 20_000;
/** So many connections at a time stay within the listener's backlog. */
const batch = 200;
const bufferBytes = 4096;

interface Expected {
  readonly text: string;
  missing: number;
  readonly done: Deferred<number>;
}

/** Subscribers by the thousand, each as cheap as Node can have it: the Sentinel is measured. */
export class Audience {
  readonly #sockets: Socket[] = [];
  #expected: Expected = { text: "", missing: 0, done: deferred() };

  async subscribe(port: number, channel: string, count: number): Promise<void> {
    const command = encodeCommand(["SUBSCRIBE", channel]);
    for (let left = count; left > 0; left -= batch) {
      const size = Math.min(batch, left);
      const confirmed = this.#allHear("subscribe\r\n", size);
      for (let one = 0; one < size; one++) this.#join(port, command);
      await confirmed;
    }
  }

  /** When the last one had a text, on the clock of performance.now(). */
  async allHear(text: string): Promise<number> {
    return await this.#allHear(text, this.#sockets.length);
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #allHear(text: string, missing: number): Promise<number> {
    this.#expected = { text, missing, done: deferred() };
    const what = `${JSON.stringify(text)} to all ${missing} subscribers`;
    return await within(this.#expected.done.promise, timeoutMs, what);
  }

  #join(port: number, command: string): void {
    const buffer = Buffer.allocUnsafe(bufferBytes);
    const callback = (length: number): boolean => {
      this.#hear(buffer.subarray(0, length));
      return true;
    };
    const socket = connect({ port, host: "127.0.0.1", onread: { buffer, callback } });
    socket.on("error", (error) => this.#expected.done.reject(error));
    socket.write(command);
    this.#sockets.push(socket);
  }

  #hear(bytes: Buffer): void {
    const expected = this.#expected;
    if (!bytes.includes(expected.text)) return;
    expected.missing -= 1;
    if (expected.missing === 0) expected.done.resolve(performance.now());
  }
}
