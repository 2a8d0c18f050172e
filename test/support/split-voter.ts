import { WordServer } from "./word-server.ts";

/**
 * A Sentinel of the protocol only: it sees every master down, and votes for itself in every epoch, or
 * in those up to `lastSplit` and after it for whoever asks. Two of these and one real Sentinel make an
 * election that nobody can win.
 */
export class SplitVoter {
  readonly id: string;
  readonly #server: WordServer;

  static async listen(id: string, lastSplit = Number.POSITIVE_INFINITY): Promise<SplitVoter> {
    return new SplitVoter(id, await WordServer.listen((words) => answer(id, lastSplit, words)));
  }

  private constructor(id: string, server: WordServer) {
    this.id = id;
    this.#server = server;
  }

  get port(): number {
    return this.#server.port;
  }

  /** The greeting that makes it known as a Sentinel of the master. */
  hello(master: string, masterPort: number): string {
    return `127.0.0.1,${this.port},${this.id},0,${master},127.0.0.1,${masterPort},0`;
  }

  close(): void {
    this.#server.close();
  }
}

function answer(
  id: string,
  lastSplit: number,
  [name = "", verb = "", , , epoch = "", candidate = ""]: readonly string[],
): string {
  if (verb.toUpperCase() === "MYID") return `$40\r\n${id}\r\n`;
  switch (name.toUpperCase()) {
    case "PING":
      return "+PONG\r\n";
    case "PUBLISH":
      return ":1\r\n";
    case "SENTINEL": {
      if (candidate === "*") return "*3\r\n:1\r\n$1\r\n*\r\n:0\r\n";
      const choice = Number(epoch) <= lastSplit ? id : candidate;
      return `*3\r\n:1\r\n$40\r\n${choice}\r\n:${epoch}\r\n`;
    }
    default:
      return "+OK\r\n";
  }
}
