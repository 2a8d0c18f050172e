import type { Socket } from "node:net";
import { AbstractConnector } from "ioredis";
import { ReplyGuard } from "./reply-guard.ts";

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
    const socket = guardReplies(this.dial());
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

/**
 * Lets `data` reach its listeners only as long as it is made of RESP2 replies. The first listener is
 * ioredis's decoder, and a listener of ours could not keep the chunk from it.
 */
function guardReplies(socket: Socket): Socket {
  const guard = new ReplyGuard();
  const emit = socket.emit.bind(socket);
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const [chunk] = args;
    const fault = event === "data" && Buffer.isBuffer(chunk) ? guard.inspect(chunk) : null;
    if (fault === null) return emit(event, ...args);
    socket.destroy(new Error(`Protocol error: ${fault}`));
    return true;
  };
  return socket;
}

/** A connector class, as ioredis wants it, for one way of dialling. */
export function connectorFor(dial: () => Socket): new () => LinkConnector {
  return class extends LinkConnector {
    protected override dial(): Socket {
      return dial();
    }
  };
}
