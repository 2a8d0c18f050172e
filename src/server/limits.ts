import type { ServerConfig } from "../config/server-config.ts";
import type { RequestLimits } from "../resp/request-parser.ts";

/** Unfinished input of a client that has not authenticated. */
const STRANGER_MAX_BUFFER_BYTES = 1024 * 1024;
/**
 * Nothing that a Sentinel is told has a thousandth of this. The limits of the configuration are
 * a data server's: half a gigabyte in one word is more than a string of V8 can hold.
 */
const MAX_BULK_BYTES = 16 * 1024 * 1024;
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

/** What a client may send, before and after it has authenticated. */
export interface ClientLimits {
  readonly known: RequestLimits;
  readonly stranger: RequestLimits;
}

export function clientLimits(config: ServerConfig): ClientLimits {
  const { clientQueryBufferLimitBytes, protoMaxBulkLenBytes } = config;
  const limits = (authenticated: boolean, maxRequestBytes: number): RequestLimits => ({
    authenticated,
    maxBulkBytes: Math.min(protoMaxBulkLenBytes, MAX_BULK_BYTES),
    maxBufferBytes: Math.min(clientQueryBufferLimitBytes, maxRequestBytes),
  });
  return {
    known: limits(true, MAX_REQUEST_BYTES),
    stranger: limits(false, STRANGER_MAX_BUFFER_BYTES),
  };
}
