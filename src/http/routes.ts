import type { IncomingMessage } from "node:http";
import { bytesOf } from "../base/bytes.ts";
import { sizeIn } from "../base/sizes.ts";
import type { Millis } from "../core/state.ts";
import type { View } from "../view/view.ts";
import type { Counts } from "./counts.ts";
import { explain } from "./explain.ts";
import { History } from "./history.ts";
import { type Answer, type HttpHost, plain } from "./host.ts";
import { Metrics } from "./metrics.ts";
import {
  isMaster,
  isReplica,
  livez,
  type Meant,
  meantServer,
  Quorum,
  UNKNOWN_MASTER,
} from "./probes.ts";
import { Readiness } from "./readiness.ts";
import { Status } from "./status.ts";

/** What is asked for: the parts of the path as byte strings, and the query. */
interface Asked {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
}

export type Route = (asked: Asked) => Answer | Promise<Answer>;

const STARTING = plain(503, "This Sentinel is starting");
const NO_SUCH_PATH = plain(404, "There is nothing of this name");

/** By the first part of the path. `sinceTickMs`: how long ago the Sentinel looked about it. */
export function createRoutes(
  host: HttpHost,
  counts: Counts,
  sinceTickMs: () => Millis,
): ReadonlyMap<string, Route> {
  const readiness = new Readiness(host);
  const quorum = new Quorum(host);
  const status = new Status(host);
  const history = new History(host);
  const metrics = new Metrics(host, counts);
  return new Map<string, Route>([
    ["livez", alone(() => livez(sinceTickMs()))],
    ["readyz", alone(() => readiness.answer())],
    ["quorumz", alone(({ query }) => quorum.answer(query.get("name")))],
    ["explain", (asked) => ofExplain(host, asked)],
    ["history", alone(async ({ query }) => (await history.answer(query)) ?? STARTING)],
    ["metrics", alone(async () => (await metrics.answer()) ?? STARTING)],
    ["is-master", (asked) => ofMaster(host, asked)],
    ["is-replica", (asked) => ofReplica(host, asked)],
    ["status", alone(({ query }) => ofStatus(host, status, query.get("name")))],
  ]);
}

/** Nothing may stand behind the name. */
function alone(route: Route): Route {
  return (asked) => (asked.parts.length === 1 ? route(asked) : NO_SUCH_PATH);
}

async function ofStatus(host: HttpHost, status: Status, name: string | null): Promise<Answer> {
  if (host.view() === null) return STARTING;
  if (name === null) return (await status.all()) ?? STARTING;
  return status.one(bytesOf(name)) ?? UNKNOWN_MASTER;
}

async function ofExplain(host: HttpHost, { parts }: Asked): Promise<Answer> {
  const [, name] = parts;
  if (name === undefined || parts.length > 2) return NO_SUCH_PATH;
  return (await explain(host, name)) ?? STARTING;
}

function ofMaster(host: HttpHost, asked: Asked): Answer {
  return ofServer(host, asked, isMaster);
}

function ofReplica(host: HttpHost, asked: Asked): Answer {
  const text = asked.query.get("lag");
  const lag = text === null ? null : sizeIn(text);
  if (text !== null && lag === null) return plain(400, "lag is a number of bytes, such as 1MB");
  return ofServer(host, asked, (view, name, meant) => isReplica(view, name, meant, lag));
}

function ofServer(
  host: HttpHost,
  { parts, request }: Asked,
  answer: (view: View, name: string, meant: Meant) => Answer,
): Answer {
  const [, name, ...server] = parts;
  if (name === undefined || server.length === 1 || server.length > 2) return NO_SUCH_PATH;
  const view = host.view();
  if (view === null) return STARTING;
  const state = request.headers["x-haproxy-server-state"];
  const meant = meantServer(server, state?.toString(), request.socket.localAddress);
  return meant === null ? NO_SUCH_PATH : answer(view, name, meant);
}
