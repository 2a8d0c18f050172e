import { EventStreamParser, type StreamEvent } from "../event-stream.ts";
import type { Link } from "../page.ts";
import type { Details, FailoverEntry, PageEvent, Status } from "../status.ts";
import { joined } from "../story.ts";

/** Somebody looks at it, and events tell of what changes... */
const CALM_MS = 5_000;
/** ...or something is going on, or no events come... */
const BUSY_MS = 1_000;
const POLLING_MS = 2_000;
/** ...or nobody looks. */
const HIDDEN_MS = 15_000;
/** After an event: others often follow at once. */
const SOON_MS = 150;
const ANSWER_WITHIN_MS = 4_000;
/** The Sentinel sends a comment each 15 s. */
const SILENT_MS = 25_000;
const RETRY_MS = 2_000;
/** So many times as long as an answer takes nothing is asked. */
const REST = 9;
/** But an answer may also have been late because the Sentinel stood still. */
const MOST_REST_MS = 10_000;
const KEPT_EVENTS = 1_000;
/** Of the journal; among some notes is the last failover. */
const ENTRIES = 30;

type Entry = FailoverEntry | { readonly type: "note" };

const TOKEN = "token";

/** What is heard of the Sentinel: asked for, and told as it happens. */
export class Feed {
  status: Status | null = null;
  askedAt = 0;
  events: readonly PageEvent[] = [];
  details: Details | null = null;
  readonly #changed: () => void;
  #isListening = false;
  #isStreaming = false;
  #lost: { readonly since: number; readonly why: string } | null = null;
  /** Nothing is asked while it is there. */
  #lock: Extract<Link, { kind: "locked" | "barred" }> | null = null;
  #timer = 0;
  #isAsking = false;
  /** Something has happened since the last question. */
  #isHurried = false;
  #restMs = 0;
  #lastId = "0";
  #stream: AbortController | null = null;
  #wake: () => void = () => undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get link(): Link {
    if (this.#lock !== null) return this.#lock;
    if (this.#lost !== null) return { kind: "lost", ...this.#lost };
    if (this.status === null) return { kind: "asking" };
    return { kind: this.#isStreaming ? "live" : "polling" };
  }

  start(): void {
    void this.#ask();
    void this.#listen();
  }

  /** It stays in this tab: neither other tabs nor the next day have it. */
  unlock(token: string): void {
    sessionStorage.setItem(TOKEN, token);
    this.#lock = null;
    this.start();
  }

  /**
   * The tab was hidden, or is seen again. A browser has six connections to one address, and a stream keeps one: a
   * hidden tab has none.
   */
  attend(): void {
    if (document.hidden) {
      this.#stream?.abort();
      return;
    }
    this.#wake();
    this.hurry();
  }

  /** Asks now, or as soon as the answer that is awaited is there. */
  hurry(): void {
    // Not each event of many anew: it would never be asked.
    if (this.#isHurried) return;
    this.#isHurried = true;
    this.#askIn(this.#soonMs);
  }

  /** This master is shown. */
  look(name: string | null): void {
    if (name === null || name === this.details?.name) return;
    this.details = { name, last: null, why: null };
    void this.#askDetails(name);
  }

  /** Its last failover, and why it is as it is. A Sentinel that answers neither is no trouble. */
  async #askDetails(name: string): Promise<void> {
    try {
      const query = new URLSearchParams({ name, count: String(ENTRIES) });
      const [history, why] = await Promise.all([
        this.#document<{ readonly entries: readonly Entry[] }>(`history?${query}`),
        this.#document<Details["why"]>(`explain/${encodeURIComponent(name)}`),
      ]);
      if (this.details?.name !== name) return;
      const last = history?.entries.findLast((one) => one.type === "failover");
      this.details = { name, last: last ?? null, why };
      this.#changed();
    } catch {
      // What was known stays.
    }
  }

  async #document<T>(path: string): Promise<T | null> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = await this.#get(path, { signal, cache: "no-store" });
    return answer === null ? null : await answer.json();
  }

  #askIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), ms);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking || this.#lock !== null) return;
    this.#isAsking = true;
    this.#isHurried = false;
    const askedAt = Date.now();
    try {
      const status = await this.#document<Status>("status");
      if (status !== null) {
        this.status = status;
        this.askedAt = askedAt;
        this.#lost = null;
        if (this.details !== null) void this.#askDetails(this.details.name);
        // Whoever has much to tell, or a slow line, is asked more seldom.
        this.#restMs = REST * (Date.now() - askedAt);
      }
    } catch (error) {
      this.#lost = { since: this.#lost?.since ?? askedAt, why: reasonOf(error) };
    }
    this.#isAsking = false;
    this.#changed();
    const calmMs = Math.max(this.#pauseMs(), Math.min(this.#restMs, MOST_REST_MS));
    this.#askIn(this.#isHurried ? this.#soonMs : calmMs);
  }

  get #soonMs(): number {
    return Math.max(SOON_MS, Math.min(this.#restMs, BUSY_MS));
  }

  #pauseMs(): number {
    if (document.hidden) return HIDDEN_MS;
    if (this.#lost !== null || !this.#isStreaming) return POLLING_MS;
    const isBusy = this.status?.masters.some(({ downMs, failover }) => downMs ?? failover);
    return isBusy === true ? BUSY_MS : CALM_MS;
  }

  /** Null: it wants a token, or another one. */
  async #get(path: string, init: RequestInit): Promise<Response | null> {
    const token = sessionStorage.getItem(TOKEN);
    const headers = new Headers(init.headers);
    if (token !== null) headers.set("Authorization", `Bearer ${token}`);
    const answer = await fetch(path, { ...init, headers });
    if (answer.status === 401 || answer.status === 403) {
      const isBarred = answer.status === 403;
      const why = isBarred ? await answer.text() : "";
      this.#lock ??= isBarred
        ? { kind: "barred", why }
        : { kind: "locked", wasRefused: token !== null };
      this.#changed();
      return null;
    }
    if (answer.status === 503) throw new Error("It is starting, or too many ask it.");
    if (!answer.ok) throw new Error(`It answered ${answer.status} ${answer.statusText}.`);
    return answer;
  }

  async #listen(): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = true;
    while (this.#lock === null) {
      try {
        if (!document.hidden) await this.#listenOnce();
      } catch {
        // What it does not tell is asked for.
      }
      if (this.#isStreaming) {
        this.#isStreaming = false;
        this.hurry();
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, RETRY_MS);
      });
    }
    this.#isListening = false;
  }

  async #listenOnce(): Promise<void> {
    const given = new AbortController();
    this.#stream = given;
    let watchdog = 0;
    const heard = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => given.abort(), SILENT_MS);
    };
    heard();
    try {
      const headers = { Accept: "text/event-stream", "Last-Event-ID": this.#lastId };
      const answer = await this.#get("events", { signal: given.signal, headers });
      if (answer?.body == null) return;
      const parser = new EventStreamParser();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      this.#isStreaming = true;
      this.hurry();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        this.#hear(parser.read(value));
      }
    } finally {
      clearTimeout(watchdog);
      given.abort();
    }
  }

  #hear(heard: readonly StreamEvent[]): void {
    if (heard.length === 0) return;
    const events = heard.map(({ id, name, data }): PageEvent => {
      this.#lastId = id;
      return { ...JSON.parse(data), id, name };
    });
    this.events = joined(this.events, events, KEPT_EVENTS);
    this.#changed();
    this.hurry();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return `No answer within ${ANSWER_WITHIN_MS / 1_000} s.`;
  }
  // Of a connection that fails a browser tells no more than that.
  if (error instanceof TypeError) return "The connection failed.";
  return error instanceof Error ? error.message : String(error);
}
