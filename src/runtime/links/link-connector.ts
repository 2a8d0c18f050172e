import type { Socket } from "node:net";
import { AbstractConnector } from "./ioredis.ts";

/** What our connector needs among ioredis's options, which ioredis hands on unread. */
export interface ConnectorOptions {
  readonly dial: () => Socket;
}

/**
 * How our links reach a server, in place of ioredis's own connector, which cannot bind a local
 * address and closes gently: it waits up to 2 s for the other side, while a link that the core
 * gave up must be gone.
 */
export class LinkConnector extends AbstractConnector {
  readonly #dial: () => Socket;

  constructor(options: unknown) {
    super(0);
    this.#dial = (options as ConnectorOptions).dial;
  }

  override async connect(): Promise<Socket> {
    const socket = this.#dial();
    this.stream = socket;
    // ioredis listens for the first error only; a later one must not end the process.
    socket.on("error", (error: Error) => {
      this.firstError ??= error;
    });
    return socket;
  }

  override disconnect(): void {
    this.stream?.destroy();
  }
}
