import { type EpochMs, type Stamp, stampAt } from "./line-time.ts";

/** What a line in JSON says: one of ours, or one that a collector made of another. */
interface Structured {
  /** In bytes, as lines of text are. */
  readonly text: string;
  readonly from: string;
  readonly stamp: Stamp | null;
  readonly pid: number | null;
  /** The text is a message of our daemon, not a line. */
  readonly isMessage: boolean;
}

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** Our own JSON, docker's files, `journalctl -o json`, fluent-bit's and the like; null: it is nothing of these. */
export function structured(line: string, newestMs: EpochMs): Structured | null {
  const fields = parsed(line);
  if (fields === null) return null;
  const text = textOf(fields.msg ?? fields.log ?? fields.MESSAGE ?? fields.message);
  if (text === null) return null;
  const time = fields.time ?? fields["@timestamp"] ?? fields.timestamp ?? fields.ts;
  return {
    text: text.replace(/\r?\n$/, ""),
    from: fromOf(fields),
    stamp: journalStamp(fields) ?? stampOf(time, newestMs),
    pid: pidOf(fields.pid ?? fields._PID),
    isMessage: "msg" in fields || "_PID" in fields,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes(line)));
    return typeof value === "object" && value !== null ? (value as Fields) : null;
  } catch {
    // A line that was cut, or not JSON at all.
    return null;
  }
}

function bytes(line: string): Uint8Array {
  return Uint8Array.from(line, (one) => one.charCodeAt(0));
}

/** journald gives what is no UTF-8 as numbers. */
function textOf(value: unknown): string | null {
  if (typeof value === "string") return byteString(encoder.encode(value));
  const isBytes = Array.isArray(value) && value.every((one) => Number.isInteger(one));
  return isBytes ? byteString(Uint8Array.from(value)) : null;
}

function byteString(from: Uint8Array): string {
  let text = "";
  for (const byte of from) text += String.fromCharCode(byte);
  return text;
}

function fromOf(fields: Fields): string {
  const kubernetes = fields.kubernetes as Fields | null | undefined;
  const name = kubernetes?.pod_name ?? fields._HOSTNAME ?? fields.container_name ?? "";
  return typeof name === "string" ? name : "";
}

/** Microseconds, as text. */
function journalStamp(fields: Fields): Stamp | null {
  const micros = fields.__REALTIME_TIMESTAMP;
  if (typeof micros !== "string" || !/^\d{16}$/.test(micros)) return null;
  return { ms: Math.floor(Number(micros) / 1_000), hasZone: true, isCoarse: false };
}

function stampOf(time: unknown, newestMs: EpochMs): Stamp | null {
  if (typeof time === "number") {
    // Seconds or milliseconds.
    const ms = time < 1e11 ? Math.floor(time * 1_000) : Math.floor(time);
    return Number.isSafeInteger(ms) ? { ms, hasZone: true, isCoarse: false } : null;
  }
  return typeof time === "string" ? (stampAt(time, 0, newestMs)?.stamp ?? null) : null;
}

function pidOf(value: unknown): number | null {
  const pid = Number(value);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
}
