import { bytesOf } from "../base/bytes.ts";
import type { MasterView, SentinelView, WebhookView } from "../view/types.ts";
import { type Answer, type HttpHost, JSON_TYPE, type Pieces } from "./host.ts";
import { toJson } from "./shown.ts";
import { type Collector, Walk } from "./walk.ts";

/** Raised when a field changes its meaning or goes; a new one does not raise it. */
export const SCHEMA = 1;

/** `/status`: what src/view says of this Sentinel and of all its masters, or of one. */
export class Status {
  readonly #host: HttpHost;
  readonly #all: Walk<Pieces>;

  constructor(host: HttpHost) {
    this.#host = host;
    this.#all = new Walk(host, () => new Whole(host));
  }

  /** Null: the Sentinel is still starting. */
  async all(): Promise<Answer | null> {
    const body = await this.#all.result();
    return body === null ? null : { status: 200, type: JSON_TYPE, body };
  }

  /** Null: it is still starting, or watches none of this name. */
  one(name: string): Answer | null {
    const now = this.#host.now();
    const view = this.#host.view();
    const master = view?.master(name, now) ?? null;
    if (view === null || master === null) return null;
    const body = `${headOf(this.#host, view.sentinel(now))}${toJson(master)}${TAIL}`;
    return { status: 200, type: JSON_TYPE, body };
  }
}

/** Of all masters, in pieces: a text that is put together for longer costs much at its end. */
class Whole implements Collector<Pieces> {
  readonly #host: HttpHost;
  readonly #chunks: Buffer[] = [];
  #text = "";
  #separator = "";

  constructor(host: HttpHost) {
    this.#host = host;
  }

  add(master: MasterView): void {
    this.#text += `${this.#separator}${toJson(master)}`;
    this.#separator = ",";
  }

  endTurn(): void {
    this.#chunks.push(Buffer.from(this.#text));
    this.#text = "";
  }

  end(sentinel: SentinelView): Pieces {
    const head = Buffer.from(headOf(this.#host, sentinel));
    return [head, ...this.#chunks, Buffer.from(`${this.#text}${TAIL}`)];
  }
}

const TAIL = "]}\n";

function headOf(host: HttpHost, sentinel: SentinelView): string {
  const own = toJson({ ...sentinel, webhooks: webhooksOf(host) });
  return `{"schema":${SCHEMA},"at":${host.wallNow()},"sentinel":${own},"masters":[`;
}

function webhooksOf(host: HttpHost): readonly WebhookView[] {
  return host.hooks().map(({ hook, waiting, death }) => ({
    name: bytesOf(hook),
    waiting,
    deadMs: death === null ? null : Math.round(death.forMs),
    trouble: death === null ? null : bytesOf(death.trouble),
  }));
}
