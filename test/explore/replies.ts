import { array, bulk, error, integer, OK, type Reply, status } from "../../src/base/reply.ts";
import { type Server, sentinelId, serverAddress, type View } from "./model.ts";

/** `ip:port` of a Sentinel to its index; -1: it is none. */
export function sentinelAt(address: string): number {
  const [, index] = /^10\.99\.0\.(\d+):26379$/.exec(address) ?? [];
  return index === undefined ? -1 : Number(index) - 1;
}

/** `ip:port` of a server to its index; -1: it is none. */
export function serverAt({ servers }: View, address: string): number {
  return servers.findIndex((server) => serverAddress(server) === address);
}

const PONG = status("PONG");
const QUEUED = status("QUEUED");
const EXECABORT = error("EXECABORT Transaction discarded because of previous errors.");
const NOPERM = error("NOPERM this user has no permissions to run the 'slaveof' command");
const SUBSCRIBED = array([bulk("subscribe"), bulk("__sentinel__:hello"), integer(1)]);

/** What is answered as soon as it is asked; null: the answer takes its time. */
export function answerAtOnce(view: View, to: string, args: readonly string[]): Reply | null {
  switch (args[0]) {
    case "PING":
      return PONG;
    case "PUBLISH":
      return integer(1);
    case "SUBSCRIBE":
      return SUBSCRIBED;
    case "INFO":
      return bulk(infoOf(view, serverAt(view, to)));
    case "SENTINEL":
      return answerOfSentinel(view, sentinelAt(to), args);
    default:
      return OK;
  }
}

/** A question for a vote takes its time; an opinion is what the other one has at this moment. */
function answerOfSentinel(view: View, index: number, args: readonly string[]): Reply | null {
  const [, name, host, port, , id] = args;
  if (name === "MYID") return bulk(sentinelId(index));
  if (name !== "is-master-down-by-addr") return error("ERR it does not say");
  if (id !== "*") return null;
  const isDown = view.peers[index]?.down.includes(`${host}:${port}`);
  return array([integer(isDown ? 1 : 0), bulk("*"), integer(0)]);
}

/** Answers to MULTI, SLAVEOF, CONFIG REWRITE, two CLIENT KILL, and EXEC. */
export function obeyed(refused: boolean): Reply[] {
  if (refused) return [OK, NOPERM, QUEUED, QUEUED, QUEUED, EXECABORT];
  return [OK, QUEUED, QUEUED, QUEUED, QUEUED, array([OK, OK, OK, OK])];
}

function infoOf({ servers }: View, index: number): string {
  const server = servers[index];
  // Another Sentinel: one of ours.
  if (!server) return "multiplexing_api:libuv";
  const runId = `${index + 1}`.padStart(40, "a");
  const head = `run_id:${runId}\r\nrole:${server.follows === null ? "master" : "slave"}\r\n`;
  const followers = servers
    .filter((one) => one.isAlive && one.follows === index && server.isAlive)
    .map(({ ip }, at) => `slave${at}:ip=${ip},port=6379,state=online,offset=1000,lag=0\r\n`);
  return head + replicationInfo(servers, server) + followers.join("");
}

function replicationInfo(servers: readonly Server[], { follows }: Server): string {
  const master = follows === null ? undefined : servers[follows];
  if (!master) return "";
  const link = master.isAlive ? "up" : "down\r\nmaster_link_down_since_seconds:1";
  return (
    `master_host:${master.ip}\r\nmaster_port:6379\r\nmaster_link_status:${link}\r\n` +
    "slave_repl_offset:1000\r\nslave_priority:100\r\nreplica_announced:1\r\n"
  );
}
