import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { strerror } from "../base/errno.ts";
import type { Incident } from "../base/journal-entry.ts";
import type { LogLevel } from "../core/effect.ts";
import type { Millis } from "../core/state.ts";
import { type Keys, refusalOf } from "./access.ts";
import { ASSETS } from "./assets.ts";
import { Counts } from "./counts.ts";
import { Events } from "./events.ts";
import { Gate } from "./gate.ts";
import { type HttpHost, plain } from "./host.ts";
import {
  HTTP_REQUEST_MS,
  HTTP_SILENCE_MS,
  MAX_HTTP_CONNECTIONS,
  MAX_HTTP_HEAD_BYTES,
} from "./limits.ts";
import { createRoutes, type Route } from "./routes.ts";
import { HEADERS, Sender } from "./send.ts";
import { partsOf } from "./target.ts";

interface HttpOptions {
  readonly host: HttpHost;
  /** Null: all addresses of this machine. */
  readonly address: string | null;
  readonly port: number;
  /** As they are now. */
  readonly keys: () => Keys;
  /** The present ones, the same object until they change; null: without TLS. */
  readonly tls: (() => TlsOptions) | null;
}

/** How long a connection may be silent is for us to say, and for the gate. */
const SETTINGS: ServerOptions = {
  headersTimeout: 0,
  requestTimeout: 0,
  keepAliveTimeout: HTTP_SILENCE_MS,
  maxHeaderSize: MAX_HTTP_HEAD_BYTES,
  // Node's own answer would go past us.
  requireHostHeader: false,
};

/** What others see of this Sentinel with a browser, a probe or Prometheus. It changes nothing. */
export class HttpListener {
  readonly #options: HttpOptions;
  readonly #events: Events;
  readonly #sender: Sender;
  readonly #counts: Counts;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #sockets = new Set<Socket>();
  readonly #gates = new Set<Gate>();
  readonly #http: HttpServer;
  #server: Server | null = null;
  #tickedAt: Millis;

  constructor(options: HttpOptions) {
    this.#options = options;
    const { host } = options;
    this.#events = new Events(host);
    this.#sender = new Sender(() => host.now());
    this.#counts = new Counts(host);
    this.#routes = createRoutes(host, this.#counts, () => host.now() - this.#tickedAt);
    this.#tickedAt = host.now();
    const hear = (request: IncomingMessage, response: ServerResponse) =>
      this.#hear(request, response);
    this.#http = createHttpServer(SETTINGS, hear);
    // What a request expects is our answer, not that of Node.
    this.#http.on("checkExpectation", hear);
    this.#http.timeout = HTTP_SILENCE_MS;
    // What is no HTTP is nobody's business but its sender's.
    this.#http.on("clientError", (_error, gate) => gate.destroy());
  }

  /** Rejects with the sentence for the operator. */
  async listen(): Promise<void> {
    const { address, port } = this.#options;
    const greet = await this.#greeter();
    const server = createServer((socket) => {
      this.#hold(socket);
      greet(socket);
    });
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => {
        const where = `${address ?? "*"}:${port}`;
        reject(new Error(`Failed listening on ${where} for HTTP: ${strerror(error)}`));
      };
      server.once("error", fail);
      server.listen({ port, ...(address !== null && { host: address }) }, () => {
        server.removeListener("error", fail);
        // Running out of descriptors while accepting must not end the process.
        server.on("error", () => undefined);
        resolve();
      });
    });
    this.#server = server;
  }

  /** Takes a connection in, after its handshake if it has one. */
  enter(socket: Socket): void {
    const gate = new Gate(socket, () => this.#options.host.now());
    this.#gates.add(gate);
    gate.once("close", () => this.#gates.delete(gate));
    this.#http.emit("connection", gate);
  }

  hear(level: LogLevel, name: string, payload: string): void {
    this.#counts.hear(name, payload);
    // As on the channels of Pub/Sub.
    if (level !== "debug") this.#events.hear(level, name, payload);
  }

  note(incident: Incident): void {
    this.#counts.note(incident);
  }

  /** The file was written, or could not be. */
  saved(ok: boolean): void {
    this.#counts.saved(ok);
  }

  /** The Sentinel has looked about. */
  tick(): void {
    this.#tickedAt = this.#options.host.now();
    this.#counts.tick();
    this.#events.tick();
    this.#sender.tick();
  }

  /** Other tokens are valid now. */
  endStreams(): void {
    this.#events.endAll();
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What is done with a new connection: with TLS it shakes hands first. */
  async #greeter(): Promise<(socket: Socket) => void> {
    const { tls } = this.#options;
    const enter = (socket: Socket) => this.enter(socket);
    if (tls === null) return enter;
    const { createServer: createTlsServer } = await import("node:tls");
    let used = tls();
    const server = createTlsServer({ ...used, handshakeTimeout: HTTP_REQUEST_MS }, enter);
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    return (socket) => {
      const present = tls();
      if (present !== used) server.setSecureContext(present);
      used = present;
      server.emit("connection", socket);
    };
  }

  #hold(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    if (this.#sockets.size <= MAX_HTTP_CONNECTIONS) return;
    for (const gate of this.#gates) if (gate.givesWay) gate.destroy();
    // Those that were closed are gone by then.
    setTimeout(() => {
      if (this.#sockets.size > MAX_HTTP_CONNECTIONS) socket.destroy();
    }, 1);
  }

  #hear(request: IncomingMessage, response: ServerResponse): void {
    const gate: unknown = request.socket;
    if (gate instanceof Gate) response.once("close", () => gate.next());
    this.#answer(request, response).catch((error: unknown) => {
      this.#options.host.fault("a request by HTTP", error);
      if (response.headersSent) response.destroy();
      else this.#sender.send(request, response, plain(500, "That failed: the log says why"));
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!hasOneHost(request)) return this.#sender.send(request, response, NOT_ONE_HOST);
    const target = partsOf(request.url ?? "");
    if (target === null) return this.#sender.send(request, response, plain(400, "That is no path"));
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return this.#sender.send(
        request,
        response,
        plain(405, "Only GET and HEAD: nothing is changed here"),
      );
    }
    const { parts, path, query } = target;
    const [first = ""] = parts;
    const asset = ASSETS.get(path);
    const refusal = refusalOf(request, first, asset !== undefined, this.#options.keys());
    if (refusal !== null) {
      if (refusal.status === 401) response.setHeader("www-authenticate", "Bearer");
      return this.#sender.send(request, response, plain(refusal.status, refusal.sentence));
    }
    if (asset !== undefined) return this.#sender.send(request, response, { status: 200, ...asset });
    if (path === "/events") return this.#stream(request, response, query);
    const route = this.#routes.get(first);
    const answer = await (route?.({ parts, query, request }) ??
      plain(404, "There is no such path"));
    this.#sender.send(request, response, answer);
  }

  /** A browser says with a header where it was, others may say it in the query. */
  #stream(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    if (this.#events.isCrowded) {
      response.setHeader("retry-after", "10");
      return this.#sender.send(request, response, plain(503, "Too many readers of /events"));
    }
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const lastId = request.headers["last-event-id"]?.toString() ?? query.get("last-event-id");
    this.#events.admit(response, lastId);
  }
}

const NOT_ONE_HOST = plain(400, "One Host is needed");

/** Which name is asked for must be beyond doubt. HTTP/1.0 needs none. */
function hasOneHost({ httpVersion, headersDistinct }: IncomingMessage): boolean {
  const { length } = headersDistinct.host ?? [];
  return length === 1 || (length === 0 && httpVersion === "1.0");
}
