import { ConfigRewriter } from "../config/config-rewriter.ts";
import type { LoadedConfig } from "../config/load.ts";
import { masterAddress } from "../core/commands/inspect.ts";
import { createState } from "../core/create-state.ts";
import { infoSection } from "../core/info-section.ts";
import type { Input } from "../core/input.ts";
import { randomRunId } from "../core/random.ts";
import { Sentinel } from "../core/sentinel.ts";
import type { ServerHost } from "../server/host.ts";
import { createServer, type Server } from "../server/server.ts";
import { bytesOf, textOf } from "./bytes.ts";
import { monotonicMillis, Ticker } from "./clock.ts";
import { ConfigFile } from "./config-file.ts";
import { Daemon } from "./daemon.ts";
import { Dialer } from "./dialer.ts";
import { strerror } from "./errno.ts";
import { Links } from "./links.ts";
import { isExecutable } from "./load-file.ts";
import type { Log } from "./log.ts";
import { type Organs, perform } from "./perform.ts";
import { systemRandom } from "./random.ts";
import { Resolver } from "./resolver.ts";
import { SavePacer } from "./save-pacer.ts";
import { ScriptRunner } from "./script-runner.ts";
import { StartError } from "./start-error.ts";
import type { Supervision } from "./supervisor.ts";
import { TlsClient } from "./tls-client.ts";
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

/** One running Sentinel: the core, its loop and everything the loop reaches. */
export class SentinelProcess {
  readonly #options: SentinelProcessOptions;
  readonly #sentinel: Sentinel;
  readonly #daemon: Daemon;
  readonly #ticker: Ticker;
  readonly #server: Server;
  readonly #links: Links;
  readonly #rewriter: ConfigRewriter;
  /** Commands of clients that came before the last listener was open; null once started. */
  #early: Input[] | null = [];
  #shutdownAsked = false;

  constructor(options: SentinelProcessOptions) {
    this.#options = options;
    this.#sentinel = createSentinel(options.loaded);
    this.#rewriter = new ConfigRewriter(bytesOf(options.configPath));
    this.#ticker = new Ticker({
      onTick: () => this.#tick(),
      nextDueAt: () => this.#sentinel.nextDueAt,
      random: systemRandom,
    });
    this.#links = new Links(createDialer(options), this.#dispatch);
    this.#server = createServer(options.loaded.server, this.#host());
    this.#daemon = this.#createDaemon();
  }

  /** Opens the listeners, then lets the core begin. */
  async start(): Promise<void> {
    await this.#server.listen();
    this.#options.onListening();
    const early = this.#early ?? [];
    this.#early = null;
    this.#dispatch({ type: "start" });
    this.#daemon.flush();
    early.forEach(this.#dispatch);
    this.#ticker.start();
  }

  /** As Redis, at the next tick, so that the present work is finished first. */
  readonly shutDownSoon = (): void => {
    this.#shutdownAsked = true;
  };

  stop(): void {
    this.#ticker.stop();
    this.#daemon.flush();
    this.#links.closeAll();
    this.#server.close();
  }

  readonly #dispatch = (input: Input): void => {
    if (this.#early !== null) {
      this.#early.push(input);
      return;
    }
    this.#daemon.dispatch(input);
    this.#ticker.hasten();
  };

  #tick(): void {
    if (this.#shutdownAsked) return this.#options.onShutdown();
    this.#server.tick();
    this.#dispatch({ type: "tick" });
  }

  #createDaemon(): Daemon {
    const { log, background } = this.#options;
    const configFile = this.#createConfigFile();
    const pacer = new SavePacer();
    const organs: Organs = {
      links: this.#links,
      server: this.#server,
      resolver: new Resolver((host, ip) => {
        this.#dispatch({ type: "resolved", host: bytesOf(host), ip });
      }),
      scripts: new ScriptRunner(this.#dispatch, background ? "ignore" : "inherit"),
      log,
    };
    return new Daemon(this.#sentinel, {
      now: monotonicMillis,
      save: () => pacer.measure(() => configFile.save()),
      perform: (effect) => perform(organs, effect),
      scheduleSave: (callback) => pacer.schedule(callback),
      broken: (error) => dieOfBug(log, error),
    });
  }

  #createConfigFile(): ConfigFile {
    const { configPath, log } = this.#options;
    const render = (oldText: string): string => this.#render(oldText);
    return new ConfigFile({
      path: configPath,
      render,
      log: (level, text) => log.write(level, text),
    });
  }

  /** The new text of the file; throws when it would not start this Sentinel again. */
  #render(oldText: string): string {
    const { generic, server } = this.#options.loaded;
    const renewed = this.#rewriter.renew({
      oldText,
      generic,
      users: server.aclfile === null ? this.#server.userLines() : null,
      sentinel: this.#sentinel.config(),
      loglevel: this.#sentinel.state.settings.logThreshold,
      workingDir: bytesOf(process.cwd()),
    });
    if (!renewed.ok) throw new Error(textOf(renewed.error.message));
    return renewed.text;
  }

  #host(): ServerHost {
    const { configPath, executable, log, supervision } = this.#options;
    return {
      execute: (client, args) => this.#dispatch({ type: "command", client, args }),
      masterAddress: (name) => {
        const mayTell = this.#early === null && !this.#daemon.isHolding;
        return mayTell ? masterAddress(this.#sentinel.state, name) : null;
      },
      sentinelInfo: () => infoSection(this.#sentinel.state, monotonicMillis()),
      shutdown: this.shutDownSoon,
      log: (level, text) => log.write(level, text),
      now: monotonicMillis,
      process: {
        redisVersion: REDIS_VERSION,
        runId: randomRunId(systemRandom),
        configFile: bytesOf(configPath),
        executable: bytesOf(executable),
        supervised: supervision,
        hz: () => this.#ticker.hz,
      },
    };
  }
}

function createSentinel({ sentinel, server }: LoadedConfig): Sentinel {
  const announcesTls = server.tlsReplication && server.tlsPort !== 0;
  const settings = {
    requirepass: server.requirepass,
    listeningPort: announcesTls ? server.tlsPort : server.port,
    logThreshold: server.loglevel,
  };
  const state = createState(sentinel, settings, systemRandom, monotonicMillis());
  return new Sentinel(state, systemRandom, isExecutable);
}

/** A certificate that cannot be read is found now, not at the first connection. */
function createDialer({ loaded, log }: SentinelProcessOptions): Dialer {
  const { server } = loaded;
  if (!server.tlsReplication) return new Dialer(server.bindSourceAddr, null);
  const tls = new TlsClient(server.tls, (text) => log.write("warning", bytesOf(text)));
  try {
    tls.context();
  } catch (error) {
    throw new StartError(`Failed to configure TLS for outgoing links: ${strerror(error)}`);
  }
  return new Dialer(server.bindSourceAddr, tls);
}

/** A broken invariant: what comes after cannot be trusted, and a restart begins from the file. */
function dieOfBug(log: Log, error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.write("warning", bytesOf(`This is a bug of the Sentinel, it exits: ${text}`));
  process.exit(1);
}
