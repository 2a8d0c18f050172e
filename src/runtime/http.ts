import { isIP } from "node:net";
import { hostname } from "node:os";
import { bytesOf } from "../base/bytes.ts";
import { strerror } from "../base/errno.ts";
import type { Incident } from "../base/journal-entry.ts";
import type { TlsConfig } from "../config/server-config.ts";
import type { LogLevel } from "../core/effect.ts";
import { digestOf, type Keys } from "../http/access.ts";
import type { HttpHost } from "../http/host.ts";
import { HttpListener } from "../http/listener.ts";
import { certificateEnd, type ListenerTls, listenerTls } from "../server/tls-files.ts";
import { View } from "../view/view.ts";
import { monotonicMillis } from "./clock.ts";
import { FaultLog } from "./log/fault-log.ts";
import type { Onlooker, Outside } from "./onlookers.ts";
import type { HttpPlace } from "./process/http-flags.ts";
import { readSecretFile } from "./secret-file.ts";
import { StartError } from "./start-error.ts";
import { ownVersion, REDIS_VERSION } from "./version.ts";

interface HttpSettings {
  readonly http: HttpPlace;
  /** Names by which others may ask, besides those of this machine. */
  readonly httpHost: readonly string[];
  readonly httpTokenFile: string | null;
  readonly httpTls: boolean;
}

/** A token that can be guessed is none. */
const MIN_TOKEN_LENGTH = 16;

/** All of HTTP: this file and what it needs are loaded only with `--http`. */
export class Http implements Onlooker {
  readonly #settings: HttpSettings;
  readonly #outside: Outside;
  readonly #listener: HttpListener;
  readonly tlsFiles: ListenerTls | null;
  #keys: Keys;
  #view: View | null = null;

  /** @throws StartError */
  static async open(
    settings: HttpSettings,
    outside: Outside,
    hooks: HttpHost["hooks"],
  ): Promise<Http> {
    const http = new Http(settings, outside, hooks);
    try {
      await http.#listener.listen();
    } catch (error) {
      throw new StartError(strerror(error));
    }
    return http;
  }

  private constructor(settings: HttpSettings, outside: Outside, hooks: HttpHost["hooks"]) {
    this.#settings = settings;
    this.#outside = outside;
    const { address, port } = settings.http;
    const faults = new FaultLog((level, text) => outside.log.write(level, text), monotonicMillis);
    const log = (level: LogLevel, text: string) => outside.log.write(level, `HTTP: ${text}`);
    const tls = settings.httpTls ? createTls(outside, log) : null;
    this.tlsFiles = tls;
    this.#keys = { names: namesOf(settings), tokens: readTokens(settings.httpTokenFile) };
    this.#listener = new HttpListener({
      ...{ address, port },
      keys: () => this.#keys,
      tls: tls === null ? null : () => tls.current,
      host: {
        view: () => this.#look(),
        now: monotonicMillis,
        wallNow: Date.now,
        hooks,
        history: outside.history,
        explain: outside.explain,
        certificateEndsAt: () =>
          outside.certificateEndsAt() ?? (tls === null ? null : certificateEnd(tls)),
        log,
        fault: (where, error) => faults.tell(where, error),
      },
    });
    if (!settings.httpTls && this.#keys.tokens.length > 0 && !isLocal(address)) {
      log("warning", "the token crosses the network in clear: see --http-tls");
    }
  }

  hear(level: LogLevel, name: string, payload: string): void {
    this.#listener.hear(level, name, payload);
  }

  note(incident: Incident): void {
    this.#listener.note(incident);
  }

  saved(ok: boolean): void {
    this.#listener.saved(ok);
  }

  tick(): void {
    this.#listener.tick();
  }

  /** Reads the tokens again; unusable ones are told, and nothing changes. */
  reload(): void {
    try {
      const tokens = readTokens(this.#settings.httpTokenFile);
      if (this.#keys.tokens.some((old) => !tokens.some((token) => token.equals(old)))) {
        this.#listener.endStreams();
      }
      this.#keys = { ...this.#keys, tokens };
    } catch (error) {
      this.#outside.log.write("warning", bytesOf(`${strerror(error)}; the old tokens stay in use`));
    }
  }

  /** SENTINEL CONFIG SET named other files. */
  configure(tls: TlsConfig): void {
    this.tlsFiles?.configure(withoutClients(tls));
  }

  close(): void {
    this.#listener.close();
  }

  #look(): View | null {
    const state = this.#outside.look();
    if (state === null) return null;
    this.#view ??= new View(state, { redis: REDIS_VERSION, own: ownVersion() });
    return this.#view;
  }
}

/** The probes of a container have no certificate: who is let in is said by the token. */
function withoutClients(tls: TlsConfig): TlsConfig {
  return { ...tls, authClients: "no" };
}

function createTls(
  { tls, tlsNews }: Outside,
  log: (level: LogLevel, text: string) => void,
): ListenerTls {
  try {
    return listenerTls(withoutClients(tls), { log, tlsNews }, "http");
  } catch (error) {
    throw new StartError(`--http-tls: ${strerror(error)}`);
  }
}

function namesOf({ http, httpHost }: HttpSettings): readonly string[] {
  const own = http.address === null || isIP(http.address) !== 0 ? [] : [http.address];
  return [...own, hostname(), ...httpHost].map((name) => name.toLowerCase());
}

/** One on each line: two while the old one gives way to the new. @throws StartError */
function readTokens(path: string | null): readonly Buffer[] {
  if (path === null) return [];
  const lines = readTokenFile(path).split("\n");
  const tokens = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (tokens.length > 0 && tokens.every((token) => token.length >= MIN_TOKEN_LENGTH)) {
    return tokens.map(digestOf);
  }
  throw new StartError(
    `--http-token-file ${path}: a token of at least ${MIN_TOKEN_LENGTH} characters is needed`,
  );
}

function readTokenFile(path: string): string {
  try {
    return readSecretFile(path);
  } catch (error) {
    throw new StartError(`--http-token-file ${strerror(error)}`);
  }
}

function isLocal(address: string | null): boolean {
  return address !== null && (address.startsWith("127.") || address === "::1");
}
