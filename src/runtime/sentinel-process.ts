import type { LoadedConfig } from "../config/load.ts";
import type { Input } from "../core/input.ts";
import { randomRunId } from "../core/random.ts";
import type { ServerHost } from "../server/host.ts";
import { createServer, type Server } from "../server/server.ts";
import { bytesOf } from "./bytes.ts";
import { MIN_HZ, monotonicMillis } from "./clock.ts";
import type { Engine } from "./engine.ts";
import { strerror } from "./errno.ts";
import type { Log } from "./log.ts";
import { systemRandom } from "./random.ts";
import { StartError } from "./start-error.ts";
import type { Supervision } from "./supervisor.ts";
import type { TlsClient } from "./tls-client.ts";
import { REDIS_VERSION } from "./version.ts";

export interface SentinelProcessOptions {
  /** Absolute. */
  readonly configPath: string;
  readonly loaded: LoadedConfig;
  readonly log: Log;
  readonly background: boolean;
  readonly supervision: Supervision;
  readonly executable: string;
  /** Called once every listener is open, before anything is said. */
  readonly onListening: () => void;
  /** Called within a tick after `shutDownSoon` or a client's SHUTDOWN. */
  readonly onShutdown: () => void;
}

/**
 * One running Sentinel: the server, then the engine. The engine, ioredis above all, is more than
 * half of what there is to load: it is loaded when PING can already be answered.
 */
export class SentinelProcess {
  readonly #options: SentinelProcessOptions;
  readonly #server: Server;
  /** Null until it is loaded; what clients ask of the core until then waits. */
  #engine: Engine | null = null;
  readonly #early: Input[] = [];
  #shutdownAsked = false;

  constructor(options: SentinelProcessOptions) {
    this.#options = options;
    this.#server = createServer(options.loaded.server, this.#host());
  }

  /** Opens the listeners, then lets the core begin. */
  async start(): Promise<void> {
    const tls = await loadTls(this.#options);
    await this.#server.listen();
    this.#options.onListening();
    const { Engine } = await import("./engine.ts");
    const { background, configPath, loaded, log } = this.#options;
    const server = this.#server;
    const onTick = (): void => this.#tick();
    this.#engine = new Engine({ background, configPath, loaded, log, onTick, server, tls });
    this.#engine.start(this.#early.splice(0));
    server.resume();
  }

  /** As Redis, at the next tick, so that the present work is finished first. */
  readonly shutDownSoon = (): void => {
    this.#shutdownAsked = true;
  };

  stop(): void {
    this.#engine?.stop();
    this.#server.close();
  }

  #tick(): void {
    if (this.#shutdownAsked) this.#options.onShutdown();
    else this.#server.tick();
  }

  #host(): ServerHost {
    const { configPath, executable, log, supervision } = this.#options;
    return {
      execute: (client, args) => this.#execute({ type: "command", client, args }),
      masterAddress: (name) => this.#engine?.masterAddress(name) ?? null,
      sentinelInfo: () => this.#engine?.infoSection() ?? null,
      shutdown: this.shutDownSoon,
      log: (level, text) => log.write(level, text),
      now: monotonicMillis,
      process: {
        redisVersion: REDIS_VERSION,
        runId: randomRunId(systemRandom),
        configFile: bytesOf(configPath),
        executable: bytesOf(executable),
        supervised: supervision,
        hz: () => this.#engine?.hz ?? MIN_HZ,
      },
    };
  }

  #execute(command: Input): void {
    if (this.#engine === null) this.#early.push(command);
    else this.#engine.dispatch(command);
  }
}

/** A certificate that cannot be read is found now, not at the first connection. */
async function loadTls({ loaded, log }: SentinelProcessOptions): Promise<TlsClient | null> {
  const { server } = loaded;
  if (!server.tlsReplication) return null;
  const { TlsClient } = await import("./tls-client.ts");
  const tls = new TlsClient(server.tls, (text) => log.write("warning", bytesOf(text)));
  try {
    tls.context();
  } catch (error) {
    throw new StartError(`Failed to configure TLS for outgoing links: ${strerror(error)}`);
  }
  return tls;
}
