import { bytesOf, textOf } from "../base/bytes.ts";
import type { Incident } from "../base/journal-entry.ts";
import type { Reply } from "../base/reply.ts";
import { nextStart } from "../config/comebacks.ts";
import { ConfigRewriter } from "../config/config-rewriter.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { RewriteInput } from "../config/rewrite.ts";
import { masterAddress } from "../core/commands/inspect.ts";
import { createState } from "../core/create-state.ts";
import type { Extra } from "../core/extra.ts";
import type { Guards } from "../core/guards.ts";
import { infoSection } from "../core/info-section.ts";
import type { Input } from "../core/input.ts";
import { Journal } from "../core/journal/journal.ts";
import { Sentinel } from "../core/sentinel.ts";
import type { SentinelState } from "../core/state.ts";
import type { Explanation } from "../explain/situation.ts";
import type { Server } from "../server/server.ts";
import { View } from "../view/view.ts";
import { monotonicMillis, Ticker } from "./clock.ts";
import { Daemon } from "./daemon.ts";
import { ConfigFile } from "./file/config-file.ts";
import { ExtraFile } from "./file/extra-file.ts";
import { isExecutable } from "./file/load-file.ts";
import { SavePacer } from "./file/save-pacer.ts";
import { explain } from "./journal/explain.ts";
import { JournalFile } from "./journal/journal-file.ts";
import type { JournalQuery } from "./journal/journal-lines.ts";
import { Dialer } from "./links/dialer.ts";
import { Links } from "./links/links.ts";
import type { TlsClient } from "./links/tls-client.ts";
import { LiveConfig } from "./live-config.ts";
import { FaultLog } from "./log/fault-log.ts";
import type { Log } from "./log/log.ts";
import type { Onlooker } from "./onlookers.ts";
import { note, type Organs, perform } from "./perform.ts";
import { affordableLinks, readDescriptors } from "./process/descriptors.ts";
import { dieOfBug } from "./process/die-of-bug.ts";
import { ScriptRunner } from "./process/script-runner.ts";
import type { SpareDescriptors } from "./process/spare-descriptors.ts";
import { systemRandom } from "./random.ts";
import { type RenderFile, rehearse } from "./rehearsal.ts";
import { Resolver } from "./resolver.ts";
import type { TlsWatch } from "./tls-watch.ts";
import { ownVersion, REDIS_VERSION } from "./version.ts";

interface EngineOptions {
  /** Absolute. */
  readonly configPath: string;
  readonly loaded: LoadedConfig;
  /** For how many clients there are descriptors. */
  readonly mostClients: number;
  readonly log: Log;
  readonly background: boolean;
  readonly guards: Guards;
  readonly server: Server;
  /** For outgoing links; null: they are plain. */
  readonly tls: TlsClient | null;
  readonly tlsWatch: TlsWatch;
  /** Lent to each save. */
  readonly spare: SpareDescriptors;
  /** Called before each tick of the core. */
  readonly onTick: () => void;
  readonly onlookers: readonly Onlooker[];
}

/** The core, its loop and everything the loop reaches. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #sentinel: Sentinel;
  readonly #daemon: Daemon;
  readonly #ticker: Ticker;
  readonly #links: Links;
  readonly #rewriter: ConfigRewriter;
  readonly #live: LiveConfig;
  readonly #faults: FaultLog;
  readonly #spare: SpareDescriptors;
  readonly #configFile: ConfigFile;
  readonly #journal: JournalFile;
  readonly #startedAt = monotonicMillis();
  readonly #usersAtStart: readonly string[];
  readonly #ended = new AbortController();
  #toldOfIncludes: ReadonlySet<string>;

  constructor(options: EngineOptions) {
    const { loaded, tls, tlsWatch } = options;
    this.#options = options;
    this.#faults = new FaultLog((level, text) => options.log.write(level, text), monotonicMillis);
    this.#spare = options.spare;
    this.#usersAtStart = options.server.userLines();
    this.#live = new LiveConfig(loaded, options.mostClients);
    const extraFile = this.#createExtraFile();
    this.#sentinel = createSentinel(options, this.#live, extraFile.load());
    // The start has said it in its own words.
    const { warnings } = nextStart(loaded.generic.included.sentinel, loaded.sentinel);
    this.#toldOfIncludes = new Set(warnings);
    this.#rewriter = new ConfigRewriter(bytesOf(options.configPath));
    this.#configFile = this.#createConfigFile();
    this.#ticker = new Ticker({
      onTick: () => this.#tick(),
      nextDueAt: () => this.#sentinel.nextDueAt,
      random: systemRandom,
    });
    const onTlsDial = () => tls && tlsWatch.dialled(tls.files);
    const dialer = new Dialer(loaded.server.bindSourceAddr, tls, onTlsDial);
    this.#links = new Links(dialer, this.dispatch);
    this.#journal = this.#createJournal();
    this.#daemon = this.#createDaemon(this.#links, extraFile);
  }

  get hz(): number {
    return this.#ticker.hz;
  }

  /**
   * Lets the core begin; `early` came in before.
   *
   * @throws StartError when the file cannot be saved.
   */
  start(early: readonly Input[]): void {
    // Without an id of its own it saves anyway.
    if (!this.#sentinel.state.unsaved) this.#configFile.rehearse();
    this.dispatch({ type: "start" });
    this.#daemon.flush();
    this.#configFile.requireSaved();
    early.forEach(this.dispatch);
    this.#ticker.start();
    void this.#journal.load();
    void this.#contained("the rehearsal", () => this.#rehearse());
  }

  stop(): void {
    this.#ended.abort();
    this.#ticker.stop();
    this.#daemon.flush();
    this.#links.closeAll();
    this.#journal.close();
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
    const own = this.#options.onlookers.map((one) => one.info?.() ?? "");
    return `${infoSection(this.#sentinel.state, monotonicMillis())}${own.join("")}`;
  }

  /** What happened beside the core. */
  note(incident: Incident): void {
    const { onlookers } = this.#options;
    note({ journal: this.#journal, onlookers }, { at: monotonicMillis(), incident });
  }

  /** What is known, to look at: as INFO, nothing that the file does not hold. */
  look(): SentinelState {
    this.#daemon.flush();
    return this.#sentinel.state;
  }

  /** Null in the end: nothing is known of that name. */
  journal(query: JournalQuery): Promise<readonly string[] | null> {
    return this.#contained("SENTINEL JOURNAL", async () => {
      const lines = await this.#journal.read(query);
      const { name } = query;
      const isKnown = name === null || this.#sentinel.state.masters.has(name);
      return isKnown || lines.length > 0 ? lines : null;
    });
  }

  /** Null: there is no such master. */
  explain(name: string): Promise<Explanation | null> {
    const versions = { redis: REDIS_VERSION, own: ownVersion() };
    const look = () => new View(this.look(), versions);
    const times = { now: monotonicMillis, wallNow: Date.now };
    const sources = { journal: this.#journal, look, ...times };
    return this.#contained("SENTINEL EXPLAIN", () => explain(sources, name));
  }

  /** A mistake of ours is told, and costs the answer. */
  async #contained<T>(where: string, look: () => Promise<T>): Promise<T | null> {
    try {
      return await look();
    } catch (error) {
      this.#faults.tell(where, error);
      return null;
    }
  }

  #tick(): void {
    this.#options.onTick();
    this.dispatch({ type: "tick" });
  }

  #createDaemon(links: Links, extraFile: ExtraFile): Daemon {
    const { background, configPath, log, server } = this.#options;
    const pacer = new SavePacer();
    const organs: Organs = {
      links,
      server,
      resolver: new Resolver((host, ip) => {
        this.dispatch({ type: "resolved", host: bytesOf(host), ip });
      }),
      scripts: new ScriptRunner(this.dispatch, background ? "ignore" : "inherit"),
      log,
      configure: (settings) => this.#configure(settings),
      onlookers: this.#options.onlookers,
      faults: this.#faults,
      journal: this.#journal,
      keep: (extra) => {
        const ok = this.#spare.lend(() => extraFile.save(extra));
        this.dispatch({ type: "kept", ok });
      },
      askAgain: () => setImmediate(this.dispatch, { type: "again" }),
    };
    return new Daemon(this.#sentinel, {
      now: monotonicMillis,
      save: () => {
        const outcome = pacer.measure(() => this.#spare.lend(() => this.#configFile.save()));
        this.#ticker.hearFirst();
        for (const one of this.#options.onlookers) one.saved?.(outcome.ok);
        return outcome;
      },
      perform: (effect) => perform(organs, effect),
      scheduleSave: (callback) => pacer.schedule(callback),
      fault: (where, error) => this.#faults.tell(where, error),
      broken: (error) => dieOfBug(error, { log, configPath, startedAt: this.#startedAt }),
    });
  }

  #createExtraFile(): ExtraFile {
    const { configPath, log } = this.#options;
    return new ExtraFile({ configPath, log, now: monotonicMillis, wallNow: Date.now });
  }

  #createJournal(): JournalFile {
    const { configPath, log } = this.#options;
    return new JournalFile({ configPath, log, now: monotonicMillis, wallNow: Date.now });
  }

  #configure(settings: ReadonlyMap<string, string>): void {
    const { onlookers, server, tls, tlsWatch } = this.#options;
    const config = this.#live.use(settings);
    server.configure(config);
    tls?.configure(config.tls);
    for (const one of onlookers) one.configure?.(config.tls);
    // Who names the same files again has renewed them.
    tlsWatch.lookNow();
  }

  #createConfigFile(): ConfigFile {
    const { configPath, log } = this.#options;
    const render = (oldText: string): string => this.#render(oldText);
    return new ConfigFile({
      path: configPath,
      render,
      log: (level, text) => log.write(level, text),
      now: monotonicMillis,
    });
  }

  /** The new text of the file; throws when it would not start this Sentinel again. */
  #render(oldText: string): string {
    const sentinel = this.#sentinel.config();
    const writtenAddresses = this.#sentinel.writtenAddresses();
    const renewed = this.#renew(this.#rewriter, { oldText, sentinel, writtenAddresses });
    if (!renewed.ok) throw new Error(textOf(renewed.error.message));
    this.#warnOfIncludes(renewed.warnings);
    return renewed.text;
  }

  #renew(
    rewriter: ConfigRewriter,
    state: Pick<RewriteInput, "oldText" | "sentinel" | "writtenAddresses">,
  ) {
    const { loaded, server } = this.#options;
    const { live, settings } = this.#sentinel.state;
    return rewriter.renew({
      ...state,
      generic: this.#live.valuesWith(live),
      users: loaded.server.aclfile === null ? server.userLines(live.get("requirepass")) : null,
      usersAtStart: this.#usersAtStart,
      loglevelAtStart: loaded.server.loglevel,
      loglevel: settings.logThreshold,
      workingDir: bytesOf(process.cwd()),
    });
  }

  async #rehearse(): Promise<void> {
    const rewriter = new ConfigRewriter(bytesOf(this.#options.configPath));
    let oldText = "";
    const render: RenderFile = (sentinel, writtenAddresses) => {
      const renewed = this.#renew(rewriter, { oldText, sentinel, writtenAddresses });
      if (renewed.ok) oldText = renewed.text;
    };
    await rehearse(render, this.#ended.signal);
  }

  /** Once each, while it lasts. */
  #warnOfIncludes(warnings: readonly string[]): void {
    const told = this.#toldOfIncludes;
    this.#toldOfIncludes = new Set(warnings);
    for (const sentence of warnings) {
      if (!told.has(sentence)) this.#options.log.write("warning", `WARNING: ${sentence}.`);
    }
  }
}

function createSentinel(
  { loaded, guards }: EngineOptions,
  live: LiveConfig,
  extra: Extra,
): Sentinel {
  const { sentinel, server } = loaded;
  const announcesTls = server.tlsReplication && server.tlsPort !== 0;
  const settings = {
    requirepass: server.requirepass,
    listeningPort: announcesTls ? server.tlsPort : server.port,
    logThreshold: server.loglevel,
    maxLinks: affordableLinks(readDescriptors()),
    guards,
  };
  const state = createState(sentinel, settings, systemRandom, monotonicMillis(), extra);
  return new Sentinel(state, systemRandom, isExecutable, live, new Journal());
}
