import type { Socket } from "node:net";
import { AbstractConnector } from "ioredis";

/**
 * How our links reach a server, in place of ioredis's own connector, which cannot bind a local
 * address and closes gently: it waits up to 2 s for the other side, while a link that the core
 * gave up must be gone.
 */
export abstract class LinkConnector extends AbstractConnector {
  constructor() {
    super(0);
  }

  protected abstract dial(): Socket;

  override async connect(): Promise<Socket> {
    const socket = this.dial();
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

/** A connector class, as ioredis wants it, for one way of dialling. */
export function connectorFor(dial: () => Socket): new () => LinkConnector {
  return class extends LinkConnector {
    protected override dial(): Socket {
      return dial();
    }
  };
}
