import { bytesOf } from "../base/bytes.ts";
import type { Millis } from "../core/state.ts";
import type { View } from "../view/view.ts";
import { type Answer, type HttpHost, plain } from "./host.ts";
import { probe } from "./readiness.ts";
import { Walk } from "./walk.ts";

/** A Sentinel that stood still for so long is not alive; it looks about ten times a second. */
const STILL_MS: Millis = 10_000;

/** `/livez`: about this process alone, since a restart mends nothing else. */
export function livez(sinceTickMs: Millis): Answer {
  return probe(sinceTickMs < STILL_MS ? [] : [`it has stood still for ${sinceTickMs} ms`]);
}

/** `/quorumz`: could a failover be held? For alerts, not for the probes of a container. */
export class Quorum {
  readonly #host: HttpHost;
  readonly #all: Walk<readonly string[]>;

  constructor(host: HttpHost) {
    this.#host = host;
    this.#all = new Walk(host, () => {
      const reasons: string[] = [];
      return {
        add: ({ name, quorum }) => {
          for (const one of quorum.lacks) reasons.push(`${name}: ${one}`);
        },
        end: ({ tilt }) => (tilt.forMs === null ? reasons : [...reasons, IN_TILT]),
      };
    });
  }

  /** `name` as it is in a query; null: all of them. */
  async answer(name: string | null): Promise<Answer> {
    if (name === null) return probe((await this.#all.result()) ?? [STARTING]);
    const now = this.#host.now();
    const view = this.#host.view();
    if (view === null) return probe([STARTING]);
    const master = view.master(bytesOf(name), now);
    if (master === null) return UNKNOWN_MASTER;
    const isInTilt = view.sentinel(now).tilt.forMs !== null;
    return probe([...master.quorum.lacks, ...(isInTilt ? [IN_TILT] : [])]);
  }
}

const STARTING = "this Sentinel is starting";
const IN_TILT = "this Sentinel is in TILT";
export const UNKNOWN_MASTER = plain(404, "No master has this name");

/** Which server a probe of its role is about; null: any at that host. */
export interface Meant {
  readonly host: string;
  readonly port: number | null;
}

/** `/is-master`: is it the server to which clients are sent, and not down for us? */
export function isMaster(view: View, name: string, meant: Meant): Answer {
  const server = view.serverAt(name, meant.host, meant.port);
  if (server === null) return UNKNOWN_MASTER;
  if (server === "unknown" || !server.isMaster) return probe(["it is not the master"]);
  return probe(server.isDown ? ["it is down"] : []);
}

/** `/is-replica`: may it be read from? `lag`: how many bytes it may lack; null: any number. */
export function isReplica(view: View, name: string, meant: Meant, lag: bigint | null): Answer {
  const server = view.serverAt(name, meant.host, meant.port);
  if (server === null) return UNKNOWN_MASTER;
  if (server === "unknown" || server.isMaster) return probe(["it is not a replica"]);
  if (server.isDown) return probe(["it is down"]);
  if (!server.isInSync) return probe(["it is not in sync with the master"]);
  if (lag !== null && (server.lagBytes === null || server.lagBytes > lag)) {
    return probe([`it lacks ${server.lagBytes ?? "an unknown number of"} bytes`]);
  }
  return probe([]);
}

/**
 * Whom a probe means: the server of its path, or the one that HAProxy is about (`http-check send-state`), or that
 * on the machine at whose address the request came in, as with Patroni. Null: none of these.
 */
export function meantServer(
  path: readonly string[],
  haproxyState: string | undefined,
  localAddress: string | undefined,
): Meant | null {
  const [host, port] = path;
  if (host !== undefined) return { host, port: portOf(port) };
  const { address, port: statePort } = fieldsOf(haproxyState ?? "");
  if (address !== undefined) return { host: address, port: portOf(statePort) };
  if (localAddress === undefined) return null;
  return { host: localAddress.replace(/^::ffff:/, ""), port: null };
}

function portOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : null;
}

/** `UP 2/3; name=redis/one; address=10.0.0.1; port=6379`. */
function fieldsOf(state: string): Record<string, string | undefined> {
  const words = state.split(";").map((word) => word.trim());
  return Object.fromEntries(words.map((word) => [...word.split("=", 2)]));
}
