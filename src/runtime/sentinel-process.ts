import { bytesOf } from "../base/bytes.ts";
import { strerror } from "../base/errno.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { TlsConfig } from "../config/server-config.ts";
import type { LogLevel } from "../core/effect.ts";
import type { Guards } from "../core/guards.ts";
import type { Input } from "../core/input.ts";
import { randomRunId } from "../core/random.ts";
import type { TlsNews } from "../net/tls-files.ts";
import type { ServerHost } from "../server/host.ts";
import { createServer, type Server } from "../server/server.ts";
import { MIN_HZ, monotonicMillis } from "./clock.ts";
import type { Engine } from "./engine.ts";
import { writeAclFile } from "./file/acl-file-writer.ts";
import type { TlsClient } from "./links/tls-client.ts";
import type { Log } from "./log/log.ts";
import { type Onlooker, type OnlookerSettings, type Outside, openOnlookers } from "./onlookers.ts";
import { SpareDescriptors } from "./process/spare-descriptors.ts";
import type { Supervision } from "./process/supervisor.ts";
import { systemRandom } from "./random.ts";
import { StartError } from "./start-error.ts";
import { lookPeriodMs, TlsWatch } from "./tls-watch.ts";
import { ownVersion, REDIS_VERSION } from "./version.ts";

interface SentinelProcessOptions {
  /** Absolute. */
  readonly configPath: string;
  readonly loaded: LoadedConfig;
  /** For how many clients there are descriptors. */
  readonly mostClients: number;
  readonly log: Log;
  readonly background: boolean;
  readonly guards: Guards;
  readonly onlookers: OnlookerSettings;
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
  readonly #spare = new SpareDescriptors();
  readonly #tlsNews: TlsNews = {
    renewed: (user) => {
      const text = `The TLS files of ${WHOSE[user]} have changed and were read again`;
      this.#options.log.write("notice", text);
    },
    trouble: (user, problem) => {
      if (problem === null) this.#announce("warning", "-tls-error", user);
      else
        this.#announce("warning", "+tls-error", `${user} #the old files stay in use: ${problem}`);
    },
  };
  readonly #tlsWatch: TlsWatch;
  #onlookers: readonly Onlooker[] = [];
  #shutdownAsked = false;

  constructor(options: SentinelProcessOptions) {
    this.#options = options;
    this.#tlsWatch = watchTls(options.loaded);
    this.#server = createServer(options.loaded.server, this.#host());
  }

  /** Opens the listeners, then lets the core begin. */
  async start(): Promise<void> {
    const tls = await loadTls(this.#options, this.#tlsNews);
    await this.#server.listen();
    const look = () => this.#engine?.look() ?? null;
    const { onlookers, loaded, log } = this.#options;
    const history: Outside["history"] = (query) => this.#engine?.journal(query) ?? null;
    const explain: Outside["explain"] = (name) => this.#engine?.explain(name) ?? null;
    const note: Outside["note"] = (incident) => this.#engine?.note(incident);
    const certificateEndsAt = () => this.#server.certificateEndsAt;
    const outside = {
      ...{ log, tls: loaded.server.tls, look, note, history, explain, certificateEndsAt },
      tlsNews: this.#tlsNews,
    };
    this.#onlookers = await openOnlookers(onlookers, outside);
    const inUse = [
      tls?.files,
      this.#server.tlsFiles,
      ...this.#onlookers.map((one) => one.tlsFiles),
    ];
    for (const files of inUse) if (files) this.#tlsWatch.add(files);
    this.#options.onListening();
    const { Engine } = await import("./engine.ts");
    const { background, configPath, guards, mostClients } = this.#options;
    const server = this.#server;
    const onTick = (): void => this.#tick();
    const spare = this.#spare;
    const own = { background, configPath, guards, loaded, log, mostClients };
    const tlsWatch = this.#tlsWatch;
    const onlooking = this.#onlookers;
    this.#engine = new Engine({
      ...{ ...own, onTick, server, spare, tls, tlsWatch },
      onlookers: onlooking,
    });
    this.#engine.start(this.#early.splice(0));
    server.resume();
  }

  /** As Redis, at the next tick, so that the present work is finished first. */
  readonly shutDownSoon = (): void => {
    this.#shutdownAsked = true;
  };

  /** Certificates of listener and links, and the ACL file; not the configuration, which is state [D-RELOAD]. */
  reload(): void {
    this.#server.reload();
    this.#tlsWatch.lookNow();
    for (const one of this.#onlookers) one.reload();
  }

  /** A thread waits for a disk, and Node would wait for it before it exits. */
  get isHeldByDisk(): boolean {
    return this.#tlsWatch.isHeld;
  }

  stop(): void {
    this.#engine?.stop();
    this.#server.close();
    for (const one of this.#onlookers) one.close();
    this.#spare.close();
  }

  #tick(): void {
    if (this.#shutdownAsked) this.#options.onShutdown();
    else this.#server.tick();
    this.#tlsWatch.tick();
    for (const one of this.#onlookers) one.tick?.();
  }

  #host(): ServerHost {
    const { configPath, executable, log, supervision } = this.#options;
    return {
      execute: (client, args, by) => this.#execute({ type: "command", client, args, by }),
      masterAddress: (name) => this.#engine?.masterAddress(name) ?? null,
      explain: (name) => this.#engine?.explain(name) ?? null,
      journal: (query) => this.#engine?.journal(query) ?? null,
      sentinelInfo: () => this.#engine?.infoSection() ?? null,
      shutdown: this.shutDownSoon,
      log: (level, text) => log.write(level, text),
      tlsNews: this.#tlsNews,
      writeAclFile: (path, bytes) => this.#spare.lend(() => writeAclFile(path, bytes)),
      now: monotonicMillis,
      process: {
        redisVersion: REDIS_VERSION,
        ownVersion: ownVersion(),
        runId: randomRunId(systemRandom),
        configFile: bytesOf(configPath),
        executable: bytesOf(executable),
        supervised: supervision,
        hz: () => this.#engine?.hz ?? MIN_HZ,
      },
    };
  }

  /** What happened beside the core; the event names nothing that the core would have to save first. */
  #announce(level: LogLevel, name: string, text: string): void {
    const payload = bytesOf(text);
    this.#options.log.event(level, name, payload);
    this.#server.publish(name, payload);
    for (const one of this.#onlookers) one.hear(level, name, payload);
  }

  #execute(command: Input): void {
    if (this.#engine === null) this.#early.push(command);
    else this.#engine.dispatch(command);
  }
}

const WHOSE = { listener: "the listener", links: "outgoing links", http: "HTTP" };

function watchTls({ generic, server }: LoadedConfig): TlsWatch {
  const isGiven = generic.values.has("tls-auto-reload-interval");
  return new TlsWatch(lookPeriodMs(server.tls.autoReloadSeconds, isGiven), monotonicMillis);
}

/** A certificate that cannot be read is found now, not at the first connection. */
async function loadTls(
  { loaded }: SentinelProcessOptions,
  news: TlsNews,
): Promise<TlsClient | null> {
  const { server } = loaded;
  if (!server.tlsReplication) return null;
  requireFiles(server.tls);
  const { TlsClient } = await import("./links/tls-client.ts");
  try {
    return new TlsClient(server.tls, news);
  } catch (error) {
    throw new StartError(`Failed to configure TLS for outgoing links: ${strerror(error)}`);
  }
}

/** As the reference, in its words: a server that asks for a certificate would refuse us later. */
function requireFiles({ certFile, keyFile, caCertFile, caCertDir }: TlsConfig): void {
  const advice = "tls-replication yes needs it for the links to servers and Sentinels";
  if (certFile === null) throw new StartError(`No tls-cert-file configured! ${advice}.`);
  if (keyFile === null) throw new StartError(`No tls-key-file configured! ${advice}.`);
  if (caCertFile !== null || caCertDir !== null) return;
  throw new StartError(
    "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!",
  );
}
