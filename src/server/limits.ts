import type { OutputBufferLimit, ServerConfig } from "../config/server-config.ts";
import { MAX_REQUEST_BYTES, MAX_REQUEST_WORDS, MAX_WORD_BYTES } from "../core/limits.ts";
import type { RequestLimits } from "../resp/request-parser.ts";

/**
 * What may wait to be sent to a client that has not authenticated, after its socket took what it can:
 * as in the reference the size of its first reply buffer.
 */
const STRANGER_OUTPUT: OutputBufferLimit = {
  hardBytes: 16 * 1024,
  softBytes: 0,
  softSeconds: 0,
};

/** What may wait to be sent to a client. */
export function outputLimit(
  { clientOutputBufferLimit: { normal, pubsub } }: ServerConfig,
  client: { readonly mustAuthenticate: boolean; readonly subscriptionCount: number },
): OutputBufferLimit {
  if (client.mustAuthenticate) return STRANGER_OUTPUT;
  return client.subscriptionCount > 0 ? pubsub : normal;
}

/** What a client may send, before and after it has authenticated. */
export interface ClientLimits {
  readonly known: RequestLimits;
  readonly stranger: RequestLimits;
}

/** Those of the configuration are a data server's: they count where they are the narrower ones. */
export function clientLimits(config: ServerConfig): ClientLimits {
  const { clientQueryBufferLimitBytes, protoMaxBulkLenBytes } = config;
  const limits = {
    maxWords: MAX_REQUEST_WORDS,
    maxWordBytes: MAX_WORD_BYTES,
    maxBulkBytes: protoMaxBulkLenBytes,
    maxBufferBytes: Math.min(clientQueryBufferLimitBytes, MAX_REQUEST_BYTES),
  };
  return {
    known: { ...limits, authenticated: true },
    stranger: { ...limits, authenticated: false },
  };
}
