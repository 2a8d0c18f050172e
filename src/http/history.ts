import { bytesOf } from "../base/bytes.ts";
import { type Answer, type HttpHost, JSON_TYPE, type Pieces, plain } from "./host.ts";
import { UNKNOWN_MASTER } from "./probes.ts";
import { shown } from "./shown.ts";
import { SCHEMA } from "./status.ts";

const USUAL_COUNT = 100;
const MOST_COUNT = 1_000;
/** A full journal has 4 MiB, which become text in several turns of the loop: elections come first. */
const TURN_MS = 0.5;

/** `/history`: the journal, the oldest entry first. */
export class History {
  readonly #host: HttpHost;
  /** The text that is being made: those who ask meanwhile wait, or all of them together would hold the loop. */
  #making: Promise<unknown> = Promise.resolve();

  constructor(host: HttpHost) {
    this.#host = host;
  }

  /** Null: the Sentinel is still starting. */
  async answer(query: URLSearchParams): Promise<Answer | null> {
    const [count, since] = [numberOf(query.get("count")), numberOf(query.get("since"))];
    if (count === undefined || since === undefined) {
      return plain(400, "count and since are whole numbers; since is in milliseconds since 1970");
    }
    const name = query.get("name");
    const asked = this.#host.history({
      name: name === null ? null : bytesOf(name),
      count: Math.min(count ?? USUAL_COUNT, MOST_COUNT),
      since: since ?? 0,
    });
    if (asked === null) return null;
    const lines = await asked;
    if (lines === null) return UNKNOWN_MASTER;
    const made = this.#making.then(() => this.#made(lines));
    this.#making = made;
    return { status: 200, type: JSON_TYPE, body: await made };
  }

  async #made(lines: readonly string[]): Promise<Pieces> {
    const head = `{"schema":${SCHEMA},"at":${this.#host.wallNow()},"entries":[\n`;
    const pieces = [Buffer.from(head)];
    for (let at = 0; at < lines.length; ) {
      await new Promise(setImmediate);
      const endAt = performance.now() + TURN_MS;
      let text = "";
      do {
        text += `${at === 0 ? "" : ",\n"}${shown(lines[at++] ?? "")}`;
      } while (at < lines.length && performance.now() < endAt);
      pieces.push(Buffer.from(text));
    }
    return [...pieces, Buffer.from("\n]}\n")];
  }
}

/** Null: not said; undefined: no number. */
function numberOf(text: string | null): number | null | undefined {
  if (text === null) return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
