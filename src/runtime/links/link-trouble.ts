import { strerror } from "../../base/errno.ts";

/** How far a connection came before it ended. */
interface Progress {
  readonly usesTls: boolean;
  /** Established, the TLS handshake included. */
  readonly wasUp: boolean;
  /** The other side has said something. */
  readonly wasHeard: boolean;
  /** Why its certificate was not taken, as Node names it; null: it was, or there was none. */
  readonly certificateFault: string | null;
}

const CLOSED_BY_SERVER = "Server closed the connection";
export const NO_HANDSHAKE = "TLS: no answer to the handshake";
const IS_PLAIN = "its port may speak plain, and tls-replication is yes";
/** What OpenSSL makes of bytes that are no TLS. */
const NO_TLS = /wrong version number|packet length too long|http request|unknown protocol/;
/** OpenSSL's names of what the other side said: `tlsv1 alert unknown ca`, and since 3.5 `ssl/tls alert unknown ca`. */
const ALERT = /^(?:(?:ssl|tls)v\S+|ssl\/tls) (?:alert )?(.+)$/;
/** What Node adds since 24: of no use to who runs this program. */
const ADVICE_OF_NODE = /; if the root CA is installed locally, .*$/;

/** What ioredis says of a reply without a question, such as that of a server that is full. */
const UNASKED = /^Command queue state error.* Last (?:reply|error): (.*)$/s;

/** Why a link ended, in a sentence that tells a wrong port or certificate from a dead server. */
export function describeEnd(error: unknown, progress: Progress): string {
  const raw = error === null ? CLOSED_BY_SERVER : strerror(error);
  const text = raw.replace(UNASKED, "it said what nobody asked for: $1");
  if (progress.usesTls) return describeTls(error, text, progress);
  if (!progress.wasUp || progress.wasHeard) return text;
  // A server that wants TLS says nothing to who speaks plain.
  return `it ended the connection before it said a word: its port may be for TLS, and tls-replication is no, or no server is behind it (${text})`;
}

function describeTls(error: unknown, text: string, { wasUp, certificateFault }: Progress): string {
  if (certificateFault !== null)
    return `TLS: its certificate is not valid here: ${text.replace(ADVICE_OF_NODE, "")}`;
  if (NO_TLS.test(text) || text === NO_HANDSHAKE) return `${text}: ${IS_PLAIN}`;
  const [, alert] = ALERT.exec(text.replace(/^TLS: /, "")) ?? [];
  if (alert !== undefined) return `TLS alert of the other side: ${alert}`;
  const isEnded = error === null || /^(Connection reset by peer|Broken pipe)$/.test(text);
  return !wasUp && isEnded ? `TLS: it ended the handshake (${text}): ${IS_PLAIN}` : text;
}
