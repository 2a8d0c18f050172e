import type { ServerResponse } from "node:http";
import type { LogLevel } from "../core/effect.ts";
import type { Millis } from "../core/state.ts";
import type { HttpHost } from "./host.ts";
import {
  MAX_EVENT_READERS,
  MAX_EVENT_STREAM_MS,
  MAX_KEPT_EVENTS,
  MAX_UNREAD_EVENT_BYTES,
} from "./limits.ts";
import { EventIds, eventJson, type PastEvent } from "./past-event.ts";
import { shown } from "./shown.ts";

/** What lies between us and a reader may end a connection that says nothing. */
const COMMENT_EVERY_MS = 15_000;

interface KeptEvent extends PastEvent {
  /** As it is sent, once it was. */
  text: string | null;
}

interface Reader {
  readonly response: ServerResponse;
  readonly since: Millis;
  /** What it was sent when it came may wait, besides. */
  readonly replayBytes: number;
}

/**
 * `/events`: what happens, as Server-Sent Events. A reader that comes back with an id that we do not know gets all
 * that is kept.
 */
export class Events {
  readonly #host: HttpHost;
  readonly #readers = new Set<Reader>();
  readonly #kept: KeptEvent[] = [];
  readonly #ids: EventIds;
  /** Written at the end of this turn, once for each reader. */
  #unsent = "";
  #comments: NodeJS.Timeout | null = null;

  constructor(host: HttpHost) {
    this.#host = host;
    this.#ids = new EventIds(host.wallNow());
  }

  hear(level: LogLevel, name: string, payload: string): void {
    const event = {
      id: this.#ids.next(),
      at: this.#host.wallNow(),
      level,
      name,
      payload,
      text: null,
    };
    this.#kept.push(event);
    if (this.#kept.length > MAX_KEPT_EVENTS) this.#kept.shift();
    if (this.#readers.size > 0) {
      if (this.#unsent === "") setImmediate(() => this.#send());
      this.#unsent += textOf(event);
    }
  }

  get isCrowded(): boolean {
    return this.#readers.size >= MAX_EVENT_READERS;
  }

  /** `lastId`: of the last event that the reader had; null: it begins now. */
  admit(response: ServerResponse, lastId: string | null): void {
    const replay = lastId === null ? "" : this.#since(lastId).map(textOf).join("");
    // The others get theirs first, so that it has no event twice.
    this.#send();
    const reader = {
      response,
      since: this.#host.now(),
      replayBytes: Buffer.byteLength(replay),
    };
    this.#readers.add(reader);
    response.once("close", () => this.#leave(reader));
    response.write(`retry: 1000\n: this Sentinel tells what happens\n\n${replay}`);
    this.#comments ??= setInterval(() => this.#write(": still here\n\n"), COMMENT_EVERY_MS).unref();
  }

  /** The readers stand in the order in which they came. */
  tick(): void {
    const [eldest] = this.#readers;
    const now = this.#host.now();
    if (eldest !== undefined && now - eldest.since >= MAX_EVENT_STREAM_MS) this.#end(eldest);
  }

  /** Who may see what is another now: each shows its token again. */
  endAll(): void {
    for (const reader of this.#readers) this.#end(reader);
  }

  #end(reader: Reader): void {
    this.#send();
    this.#leave(reader);
    reader.response.end();
  }

  #since(lastId: string): readonly KeptEvent[] {
    const known = /^\d{1,16}$/.test(lastId) ? Number(lastId) : 0;
    const [oldest] = this.#kept;
    const isOurs = oldest !== undefined && known >= oldest.id - 1 && known <= this.#ids.last;
    return isOurs ? this.#kept.filter(({ id }) => id > known) : this.#kept;
  }

  #send(): void {
    const text = this.#unsent;
    this.#unsent = "";
    if (text !== "") this.#write(text);
  }

  /** Judged is what was unread before: of what is written now nobody could have read anything yet. */
  #write(text: string): void {
    const bytes = Buffer.from(text);
    for (const reader of this.#readers) {
      const { response, replayBytes } = reader;
      if (response.writableLength <= MAX_UNREAD_EVENT_BYTES + replayBytes) {
        response.write(bytes);
        continue;
      }
      this.#host.log("notice", "A reader of /events that did not keep up was cut off");
      response.destroy();
      this.#leave(reader);
    }
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0 || this.#comments === null) return;
    clearInterval(this.#comments);
    this.#comments = null;
  }
}

/** Put together once for all readers. */
function textOf(event: KeptEvent): string {
  const { id, name } = event;
  event.text ??= `id: ${id}\nevent: ${shown(name)}\ndata: ${eventJson(event)}\n\n`;
  return event.text;
}
