import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { releasePort, reservePort } from "./ports.ts";

/** Passes a server's bytes on, with some of its answers changed; as many bytes as before. */
export class RewritingProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async listen(target: number, rewrite: (bytes: string) => string): Promise<RewritingProxy> {
    const proxy = new RewritingProxy(await reservePort(), target, rewrite);
    proxy.#server.listen(proxy.port, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.#server.unref();
    return proxy;
  }

  private constructor(port: number, target: number, rewrite: (bytes: string) => string) {
    this.port = port;
    // A test that failed must be able to end.
    this.#server = createServer((client) => {
      const server = connect(target, "127.0.0.1");
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
      client.pipe(server);
      server.on("data", (bytes) => {
        client.write(Buffer.from(rewrite(bytes.toString("latin1")), "latin1"));
      });
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    releasePort(this.port);
  }
}
