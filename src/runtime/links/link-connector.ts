import type { Socket } from "node:net";
import { AbstractConnector } from "./ioredis.ts";

/** What our connector needs among ioredis's options, which ioredis hands on unread. */
export interface ConnectorOptions {
  readonly socket: Socket;
}

/**
 * How ioredis gets the socket of a link, in place of its own connector, which cannot bind a local
 * address and closes gently: it waits up to 2 s for the other side, while a link that the core
 * gave up must be gone.
 */
export class LinkConnector extends AbstractConnector {
  readonly #socket: Socket;

  constructor(options: unknown) {
    super(0);
    this.#socket = (options as ConnectorOptions).socket;
  }

  override async connect(): Promise<Socket> {
    this.stream = this.#socket;
    return this.#socket;
  }

  override disconnect(): void {
    this.#socket.destroy();
  }
}
