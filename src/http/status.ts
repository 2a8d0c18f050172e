import { type Answer, type HttpHost, JSON_TYPE } from "./host.ts";
import { toJson } from "./shown.ts";
import { Walk } from "./walk.ts";

/** Raised when a field changes its meaning or goes; a new one does not raise it. */
const SCHEMA = 1;

/** `/status`: what src/view says of this Sentinel and of all its masters, or of one. */
export class Status {
  readonly #host: HttpHost;
  readonly #all: Walk<Buffer>;

  constructor(host: HttpHost) {
    this.#host = host;
    this.#all = new Walk(host, () => {
      const masters: string[] = [];
      return {
        add: (master) => masters.push(toJson(master)),
        end: (sentinel) => Buffer.from(this.#document(toJson(sentinel), masters)),
      };
    });
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
    const body = this.#document(toJson(view.sentinel(now)), [toJson(master)]);
    return { status: 200, type: JSON_TYPE, body };
  }

  #document(sentinel: string, masters: readonly string[]): string {
    const head = `{"schema":${SCHEMA},"at":${this.#host.wallNow()},"sentinel":${sentinel}`;
    return `${head},"masters":[${masters.join(",")}]}\n`;
  }
}
