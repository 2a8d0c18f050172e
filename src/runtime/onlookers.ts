import type { Incident } from "../base/journal-entry.ts";
import type { TlsConfig } from "../config/server-config.ts";
import type { LogLevel } from "../core/effect.ts";
import type { SentinelState } from "../core/state.ts";
import type { HttpHost } from "../http/host.ts";
import type { TlsNews } from "../net/tls-files.ts";
import type { ListenerTls } from "../server/tls-files.ts";
import type { Log } from "./log/log.ts";
import type { OwnSettings } from "./process/own-flags.ts";

/** Who is told what happens. Nothing of theirs ever holds the Sentinel up. */
export interface Onlooker {
  hear(level: LogLevel, name: string, payload: string): void;
  /** The journal has a new entry. */
  note?(incident: Incident): void;
  /** The file was written, or could not be. */
  saved?(ok: boolean): void;
  /** Certificates of its own; null: none. */
  readonly tlsFiles?: ListenerTls | null;
  /** SENTINEL CONFIG SET named other files. */
  configure?(tls: TlsConfig): void;
  /** Lines for the section Sentinel of INFO, each ended by CRLF. */
  info?(): string;
  /** The Sentinel looks about. */
  tick?(): void;
  /** Reads its own files again; unusable ones are told, and nothing changes. */
  reload(): void;
  close(): void;
}

export interface Outside {
  readonly log: Log;
  readonly tls: TlsConfig;
  readonly tlsNews: TlsNews;
  /** What the core knows and the file holds; null: it is not loaded yet. */
  readonly look: () => SentinelState | null;
  /** Writes it into the journal. */
  readonly note: (incident: Incident) => void;
  readonly history: HttpHost["history"];
  readonly explain: HttpHost["explain"];
  readonly certificateEndsAt: HttpHost["certificateEndsAt"];
}

export type OnlookerSettings = Pick<
  OwnSettings,
  "http" | "httpHost" | "httpTokenFile" | "httpTls" | "webhooks"
>;

/** Only what is wanted is loaded. @throws StartError */
export async function openOnlookers(
  { http, webhooks, ...settings }: OnlookerSettings,
  outside: Outside,
): Promise<readonly Onlooker[]> {
  const hooks = webhooks === null ? null : await openWebhooks(webhooks, outside);
  if (http === null) return hooks === null ? [] : [hooks];
  const { Http } = await import("./http.ts");
  const listener = await Http.open({ ...settings, http }, outside, () => hooks?.figures() ?? []);
  return hooks === null ? [listener] : [listener, hooks];
}

async function openWebhooks(file: string, outside: Outside) {
  const { Webhooks } = await import("./webhooks.ts");
  return new Webhooks(file, outside);
}
