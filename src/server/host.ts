import type { Asker } from "../base/journal-entry.ts";
import type { Reply } from "../base/reply.ts";
import type { LogLevel } from "../core/effect.ts";
import type { ClientId } from "../core/input.ts";
import type { Explanation } from "../explain/situation.ts";
import type { TlsNews } from "../net/tls-files.ts";

/** What the server asks of the process it runs in. */
export interface ServerHost {
  /**
   * Hands SENTINEL, ROLE or PUBLISH to the core. Arity, authentication and ACL are checked, the
   * words are byte strings, those of command and subcommand in lower case. `Server.reply` answers,
   * usually before this returns, sometimes later (a host name to resolve). Until then the session
   * executes nothing else of its client. `by`: who asks, for commands that the journal tells of.
   */
  execute(client: ClientId, args: readonly string[], by?: Asker): void;
  /**
   * The answer to SENTINEL GET-MASTER-ADDR-BY-NAME, which half of all requests ask for: it changes
   * nothing and takes no step. Null: what the core knows may not be said yet; `execute` it.
   */
  masterAddress(name: string): Reply | null;
  /**
   * The `# Sentinel` section of INFO, lines ended by CRLF. Null: not known yet; whoever asks waits
   * for `Server.resume`.
   */
  sentinelInfo(): string | null;
  /**
   * The entries that SENTINEL JOURNAL asks for, each as JSON; null in the end: nothing is known of that
   * name. Null at once: not known yet, as with `sentinelInfo`.
   */
  journal(query: JournalQuery): Promise<readonly string[] | null> | null;
  /** What SENTINEL EXPLAIN answers; null in the end: there is no such master. Null at once: as above. */
  explain(name: string): Promise<Explanation | null> | null;
  /** SHUTDOWN: the process ends soon; the client gets no reply. */
  shutdown(): void;
  log(level: LogLevel, text: string): void;
  /** Hears of the files of TLS listeners. */
  readonly tlsNews: TlsNews;
  /** Replaces the ACL file, durable when it returns. Throws an Error that says what failed. */
  writeAclFile(path: string, bytes: Buffer): void;
  /** Facts of the process for INFO that the server cannot know. */
  readonly process: ProcessFacts;
  /** Monotonic milliseconds. */
  now(): number;
}

/** The last `count` entries about a master or the whole Sentinel, not before a time in ms since 1970. */
interface JournalQuery {
  readonly name: string;
  readonly count: number;
  readonly since: number;
}

interface ProcessFacts {
  /** Version of Redis whose behaviour we reproduce, for HELLO and INFO. */
  readonly redisVersion: string;
  /** Of this program, for INFO. */
  readonly ownVersion: string;
  /** Random 40 hexadecimal characters of this process. */
  readonly runId: string;
  readonly configFile: string;
  readonly executable: string;
  readonly supervised: "no" | "systemd" | "upstart" | "unknown";
  /** Ticks a second at present, 10 to 19. */
  hz(): number;
}
