import { bytesOf } from "../base/bytes.ts";
import { strerror } from "../base/errno.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { TlsConfig } from "../config/server-config.ts";
import type { Guards } from "../core/guards.ts";
import type { Input } from "../core/input.ts";
import { randomRunId } from "../core/random.ts";
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
  /** For outgoing links; null: they are plain, or not loaded yet. */
  #tls: TlsClient | null = null;
  #onlookers: readonly Onlooker[] = [];
  #shutdownAsked = false;

  constructor(options: SentinelProcessOptions) {
    this.#options = options;
    this.#server = createServer(options.loaded.server, this.#host());
  }

  /** Opens the listeners, then lets the core begin. */
  async start(): Promise<void> {
    const tls = await loadTls(this.#options);
    this.#tls = tls;
    await this.#server.listen();
    const look = () => this.#engine?.look() ?? null;
    const { onlookers, loaded, log } = this.#options;
    const history: Outside["history"] = (query) => this.#engine?.journal(query) ?? null;
    const explain: Outside["explain"] = (name) => this.#engine?.explain(name) ?? null;
    const note: Outside["note"] = (incident) => this.#engine?.note(incident);
    const certificateEndsAt = () => this.#server.certificateEndsAt;
    const outside = {
      ...{ log, tls: loaded.server.tls, look, note, history, explain, certificateEndsAt },
    };
    this.#onlookers = await openOnlookers(onlookers, outside);
    this.#options.onListening();
    const { Engine } = await import("./engine.ts");
    const { background, configPath, guards, mostClients } = this.#options;
    const server = this.#server;
    const onTick = (): void => this.#tick();
    const spare = this.#spare;
    const own = { background, configPath, guards, loaded, log, mostClients };
    this.#engine = new Engine({ ...own, onTick, server, spare, tls, onlookers: this.#onlookers });
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
    this.#tls?.reload();
    for (const one of this.#onlookers) one.reload();
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

  #execute(command: Input): void {
    if (this.#engine === null) this.#early.push(command);
    else this.#engine.dispatch(command);
  }
}

/** A certificate that cannot be read is found now, not at the first connection. */
async function loadTls({ loaded, log }: SentinelProcessOptions): Promise<TlsClient | null> {
  const { server } = loaded;
  if (!server.tlsReplication) return null;
  requireFiles(server.tls);
  const { TlsClient } = await import("./links/tls-client.ts");
  const tls = new TlsClient(server.tls, (text) => log.write("warning", bytesOf(text)));
  try {
    tls.context();
  } catch (error) {
    throw new StartError(`Failed to configure TLS for outgoing links: ${strerror(error)}`);
  }
  return tls;
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
