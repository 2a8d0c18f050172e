import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { isLoopback } from "./readiness.ts";

/** What anybody may ask who reaches the port: who is the master is what every client of a Sentinel must know. */
const OPEN_PATHS = ["livez", "readyz", "quorumz", "metrics", "is-master", "is-replica"];

/** What a proxy adds: who asks through one on this machine is not of this machine. */
const OF_PROXIES = ["forwarded", "x-forwarded-for", "via", "x-real-ip", "x-forwarded-proto"];

export interface Keys {
  /** Host names by which we are asked; `*` means all. */
  readonly names: readonly string[];
  /** SHA-256 of each token; none: nobody beyond this machine gets in. */
  readonly tokens: readonly Buffer[];
}

export function digestOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}

/** Why a request is refused; null: it is not. */
interface Refusal {
  readonly status: 401 | 403;
  readonly sentence: string;
}

/**
 * Whether this request may have that path, by its first part; `isOpen`: everybody may. A browser that a stranger's
 * page tells to ask us has no token, and names us by the stranger's name.
 */
export function refusalOf(
  request: IncomingMessage,
  first: string,
  isOpen: boolean,
  keys: Keys,
): Refusal | null {
  if (hasToken(request.headers.authorization, keys.tokens)) return null;
  if (!isKnownName(request.headers.host, keys.names)) return UNKNOWN_NAME;
  if (isOpen || OPEN_PATHS.includes(first) || isOfThisMachine(request)) return null;
  return keys.tokens.length === 0 ? NO_TOKEN_SET : TOKEN_MISSING;
}

const UNKNOWN_NAME: Refusal = {
  status: 403,
  sentence: "This Sentinel is not known by that name: see --http-host",
};
const NO_TOKEN_SET: Refusal = {
  status: 403,
  sentence: "Only from the machine itself: --http-token-file lets others in",
};
const TOKEN_MISSING: Refusal = { status: 401, sentence: "Authorization: Bearer TOKEN is needed" };

/** Takes as long for a wrong token as for a right one. */
function hasToken(header: string | undefined, tokens: readonly Buffer[]): boolean {
  const [, token] = /^Bearer +(\S+) *$/i.exec(header ?? "") ?? [];
  if (token === undefined) return false;
  const digest = digestOf(token);
  return tokens.map((known) => timingSafeEqual(known, digest)).includes(true);
}

/** An address is no name that somebody could have pointed at us. HTTP/1.0 needs none; browsers always send it. */
function isKnownName(header: string | undefined, names: readonly string[]): boolean {
  if (header === undefined || names.includes("*")) return true;
  const name = header
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  return isIP(name) !== 0 || name === "localhost" || names.includes(name);
}

/** Both ends are: a sidecar of a service mesh comes from 127.0.0.6 to the address of the pod. */
function isOfThisMachine({ socket, headers }: IncomingMessage): boolean {
  const ends = [socket.remoteAddress, socket.localAddress];
  const isLocal = ends.every((end) => isLoopback((end ?? "").replace(/^::ffff:/, "")));
  return isLocal && OF_PROXIES.every((name) => headers[name] === undefined);
}
