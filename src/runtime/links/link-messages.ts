/** One `message` push. */
export interface Message {
  readonly channel: string;
  readonly payload: string;
}

/** A hello takes some 200 bytes, and a read seldom brings more than a few. */
const MAX_CHUNK_BYTES = 1024;
/** Three Sentinels that announce a thousand masters through two servers make some thousands. */
const MAX_CHUNKS = 10_000;

const known = new Map<string, readonly Message[]>();

/**
 * The messages that the first `length` bytes were when ioredis read them last, on whatever connection. Each
 * Sentinel repeats its hello every 2 s word for word, so nearly all that is heard was heard before.
 */
export function recallMessages(bytes: Buffer, length: number): readonly Message[] | undefined {
  return length > MAX_CHUNK_BYTES ? undefined : known.get(bytes.toString("latin1", 0, length));
}

/** `chunk` must be those messages and nothing else. */
export function rememberMessages(chunk: Buffer, messages: readonly Message[]): void {
  if (chunk.length > MAX_CHUNK_BYTES || messages.length === 0) return;
  if (known.size >= MAX_CHUNKS) known.clear();
  known.set(chunk.toString("latin1"), messages);
}
