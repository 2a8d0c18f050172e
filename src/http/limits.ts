// What strangers may take by HTTP. Each stands in docs/security.md.

/** Whoever is beyond them is closed; those that are silent, or do not read, make room. */
export const MAX_HTTP_CONNECTIONS = 64;
/** Of these at most so many read events: probes need some, too. */
export const MAX_EVENT_READERS = 32;
/** For readers of events that come back. */
export const MAX_KEPT_EVENTS = 1_000;
/** A reader of events that lets more wait is cut off. */
export const MAX_UNREAD_EVENT_BYTES = 1024 * 1024;
/** Then the stream ends, and its reader comes back: a token that is no longer valid is of no use then. */
export const MAX_EVENT_STREAM_MS = 600_000;
/** Texts of more than 64 KiB that are being read: each is in memory until its last reader has it. */
export const MAX_LONG_ANSWERS = 4;
/** Whoever takes nothing of an answer for so long makes room for others. */
export const STALLED_ANSWER_MS = 1_000;
/** Until the whole of it was taken. */
export const LONG_ANSWER_MS = 30_000;
export const MAX_HTTP_HEAD_BYTES = 8 * 1024;
/** Until a request is there. */
export const HTTP_REQUEST_MS = 2_000;
/** No byte in any direction for so long ends a connection; longer than the time between two scrapes. */
export const HTTP_SILENCE_MS = 70_000;
/** Events that wait for one webhook. */
export const MAX_WAITING_FOR_HOOK = 1_000;
