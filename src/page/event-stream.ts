/** One event of `text/event-stream`. */
export interface StreamEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

/** Whoever sends more than this without an end of an event is no Sentinel. */
const MAX_PENDING = 1_000_000;

/**
 * Takes a stream apart, whatever pieces it comes in. The browser's own EventSource sends no token, and says
 * nothing of a comment, by which we know that a silent connection is alive.
 */
export class EventStreamParser {
  #pending = "";

  /** @throws if an event has no end. */
  read(piece: string): StreamEvent[] {
    const blocks = (this.#pending + piece).replaceAll("\r\n", "\n").split("\n\n");
    this.#pending = blocks.pop() ?? "";
    if (this.#pending.length > MAX_PENDING) throw new Error("an event without an end");
    return blocks.flatMap((block) => eventOf(block) ?? []);
  }
}

function eventOf(block: string): StreamEvent | null {
  const fields = { id: "", event: "message", data: [] as string[] };
  for (const line of block.split("\n")) {
    const [, field, value = ""] = /^(id|event|data)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === "data") fields.data.push(value);
    else if (field === "id" || field === "event") fields[field] = value;
  }
  if (fields.data.length === 0) return null;
  return { id: fields.id, name: fields.event, data: fields.data.join("\n") };
}
