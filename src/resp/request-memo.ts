import type { ParsedRequest } from "./request-parser.ts";

/** SENTINEL, its longest subcommand and a long name. Longer requests are not looked for. */
const MAX_BYTES = 160;
/** A power of two. */
const SLOTS = 256;

interface Entry {
  readonly bytes: Buffer;
  readonly request: ParsedRequest;
}

/**
 * Requests by their bytes. Clients ask the same few questions all the time, and the same bytes are
 * always the same words: what redis-parser made of them once need not be made again. Each slot
 * holds the last request that fell into it, so the memo has a fixed size.
 */
export class RequestMemo {
  readonly #isWorth: (words: readonly string[]) => boolean;
  readonly #entries: (Entry | undefined)[] = Array.from({ length: SLOTS });

  /** `isWorth` must refuse what is secret: the words stay in memory. */
  constructor(isWorth: (words: readonly string[]) => boolean) {
    this.#isWorth = isWorth;
  }

  find(bytes: Buffer, from: number, to: number): ParsedRequest | null {
    const entry = to - from > MAX_BYTES ? undefined : this.#entries[slotOf(bytes, from, to)];
    return entry !== undefined && isAt(entry.bytes, bytes, from, to) ? entry.request : null;
  }

  keep(bytes: Buffer, from: number, to: number, request: ParsedRequest): void {
    if (to - from > MAX_BYTES || !this.#isWorth(request.args)) return;
    // A copy of its own: a view would keep the whole chunk, or change with it.
    const copy = Buffer.from(bytes.subarray(from, to));
    this.#entries[slotOf(bytes, from, to)] = { bytes: copy, request };
  }
}

/** By length and the last letters before the CR LF: names of masters often end in a number. */
function slotOf(bytes: Buffer, from: number, to: number): number {
  const last = bytes[to - 3] ?? 0;
  const beforeLast = bytes[to - 4] ?? 0;
  return (to - from + last * 7 + beforeLast * 31) & (SLOTS - 1);
}

function isAt(known: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) {
    if (known[i] !== bytes[from + i]) return false;
  }
  return true;
}
