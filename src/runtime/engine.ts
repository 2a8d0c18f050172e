import { ConfigRewriter } from "../config/config-rewriter.ts";
import type { LoadedConfig } from "../config/load.ts";
import { masterAddress } from "../core/commands/inspect.ts";
import { createState } from "../core/create-state.ts";
import { infoSection } from "../core/info-section.ts";
import type { Input } from "../core/input.ts";
import type { Reply } from "../core/reply.ts";
import { Sentinel } from "../core/sentinel.ts";
import type { Server } from "../server/server.ts";
import { bytesOf, textOf } from "./bytes.ts";
import { monotonicMillis, Ticker } from "./clock.ts";
import { ConfigFile } from "./config-file.ts";
import { Daemon } from "./daemon.ts";
import { Dialer } from "./dialer.ts";
import { Links } from "./links.ts";
import { isExecutable } from "./load-file.ts";
import type { Log } from "./log.ts";
import { type Organs, perform } from "./perform.ts";
import { systemRandom } from "./random.ts";
import { Resolver } from "./resolver.ts";
import { SavePacer } from "./save-pacer.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { TlsClient } from "./tls-client.ts";

export interface EngineOptions {
  /** Absolute. */
  readonly configPath: string;
  readonly loaded: LoadedConfig;
  readonly log: Log;
  readonly background: boolean;
  readonly server: Server;
  /** For outgoing links; null: they are plain. */
  readonly tls: TlsClient | null;
  /** Called before each tick of the core. */
  readonly onTick: () => void;
}

/** The core, its loop and everything the loop reaches. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #sentinel: Sentinel;
  readonly #daemon: Daemon;
  readonly #ticker: Ticker;
  readonly #links: Links;
  readonly #rewriter: ConfigRewriter;

  constructor(options: EngineOptions) {
    const { loaded, tls } = options;
    this.#options = options;
    this.#sentinel = createSentinel(loaded);
    this.#rewriter = new ConfigRewriter(bytesOf(options.configPath));
    this.#ticker = new Ticker({
      onTick: () => this.#tick(),
      nextDueAt: () => this.#sentinel.nextDueAt,
      random: systemRandom,
    });
    this.#links = new Links(new Dialer(loaded.server.bindSourceAddr, tls), this.dispatch);
    this.#daemon = this.#createDaemon(this.#links);
  }

  get hz(): number {
    return this.#ticker.hz;
  }

  /** Lets the core begin; `early` came in before. */
  start(early: readonly Input[]): void {
    this.dispatch({ type: "start" });
    this.#daemon.flush();
    early.forEach(this.dispatch);
    this.#ticker.start();
  }

  stop(): void {
    this.#ticker.stop();
    this.#daemon.flush();
    this.#links.closeAll();
  }

  readonly dispatch = (input: Input): void => {
    this.#daemon.dispatch(input);
    this.#ticker.hasten();
  };

  /** Null: what the core knows may not be said before it is on disk. */
  masterAddress(name: string): Reply | null {
    return this.#daemon.isHolding ? null : masterAddress(this.#sentinel.state, name);
  }

  /** INFO says nothing that the file does not hold: what waits is saved first. */
  infoSection(): string {
    this.#daemon.flush();
    return infoSection(this.#sentinel.state, monotonicMillis());
  }

  #tick(): void {
    this.#options.onTick();
    this.dispatch({ type: "tick" });
  }

  #createDaemon(links: Links): Daemon {
    const { background, log, server } = this.#options;
    const configFile = this.#createConfigFile();
    const pacer = new SavePacer();
    const organs: Organs = {
      links,
      server,
      resolver: new Resolver((host, ip) => {
        this.dispatch({ type: "resolved", host: bytesOf(host), ip });
      }),
      scripts: new ScriptRunner(this.dispatch, background ? "ignore" : "inherit"),
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
    const { loaded, server } = this.#options;
    const renewed = this.#rewriter.renew({
      oldText,
      generic: loaded.generic,
      users: loaded.server.aclfile === null ? server.userLines() : null,
      sentinel: this.#sentinel.config(),
      loglevel: this.#sentinel.state.settings.logThreshold,
      workingDir: bytesOf(process.cwd()),
    });
    if (!renewed.ok) throw new Error(textOf(renewed.error.message));
    return renewed.text;
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

/** A broken invariant: what comes after cannot be trusted, and a restart begins from the file. */
function dieOfBug(log: Log, error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.write("warning", bytesOf(`This is a bug of the Sentinel, it exits: ${text}`));
  process.exit(1);
}
