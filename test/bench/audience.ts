import { connect, type Socket } from "node:net";
import { encodeCommand } from "../support/resp-client.ts";
import { type Deferred, deferred, within } from "../support/until.ts";

const timeoutMs = 20_000;
/** So many connections at a time stay within the listener's backlog. */
const batch = 200;
/** Holds all events of a benchmark, so that what was not read for long comes in one piece. */
const bufferBytes = 4096;
/**
 * Reading costs this process as much for each subscriber as writing costs the Sentinel. So only
 * one in so many reads at once, besides the first and the last of them, since one program writes
 * in the order of their coming and the other in the opposite; the rest reads when all is over.
 */
const readsAtOnce = 50;

interface Expected {
  readonly text: string;
  missing: number;
  readonly done: Deferred<number>;
}

/** Subscribers of one channel by the thousand. */
export class Audience {
  readonly #sockets: Socket[] = [];
  #readers = 0;
  #isOver = false;
  #expected: Expected = { text: "", missing: 0, done: deferred() };

  async subscribe(port: number, channel: string, count: number): Promise<void> {
    const command = encodeCommand(["SUBSCRIBE", channel]);
    while (this.#sockets.length < count) {
      const size = Math.min(batch, count - this.#sockets.length);
      const confirmed = this.#hear("subscribe\r\n", size);
      for (let one = 0; one < size; one++) {
        const isLast = this.#sockets.length === count - 1;
        this.#join(port, command, this.#sockets.length % readsAtOnce === 0 || isLast);
      }
      await confirmed;
    }
  }

  /** When the last of those who read had a text, on the clock of performance.now(). */
  async readersHear(text: string): Promise<number> {
    return await this.#hear(text, this.#readers);
  }

  /** Now everybody reads: the text has reached all, and not only those who were timed. */
  async othersHave(text: string): Promise<void> {
    this.#isOver = true;
    const heard = this.#hear(text, this.#sockets.length - this.#readers);
    for (const socket of this.#sockets) socket.resume();
    await heard;
  }

  leave(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #hear(text: string, missing: number): Promise<number> {
    this.#expected = { text, missing, done: deferred() };
    const what = `${JSON.stringify(text)} to ${missing} subscribers`;
    return await within(this.#expected.done.promise, timeoutMs, what);
  }

  #join(port: number, command: string, isReader: boolean): void {
    const buffer = Buffer.allocUnsafe(bufferBytes);
    // False stops the reading: after the confirmation, for most of them.
    const callback = (length: number): boolean => {
      this.#count(buffer.subarray(0, length));
      return isReader || this.#isOver;
    };
    const socket = connect({ port, host: "127.0.0.1", onread: { buffer, callback } });
    socket.on("error", (error) => this.#expected.done.reject(error));
    socket.write(command);
    this.#sockets.push(socket);
    if (isReader) this.#readers += 1;
  }

  #count(bytes: Buffer): void {
    const expected = this.#expected;
    if (!bytes.includes(expected.text)) return;
    expected.missing -= 1;
    if (expected.missing === 0) expected.done.resolve(performance.now());
  }
}
