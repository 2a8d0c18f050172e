import { ConfigRewriter } from "../config/config-rewriter.ts";
import {
  DEFAULT_FAILOVER_TIMEOUT_MS,
  EMPTY_SENTINEL_CONFIG,
  type MasterConfig,
} from "../core/config.ts";
import { createState } from "../core/create-state.ts";
import { HELLO_CHANNEL } from "../core/defaults.ts";
import type { Effect } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import { seededRandom } from "../core/random.ts";
import { array, bulk, integer, OK, type Reply, status } from "../core/reply.ts";
import { Sentinel } from "../core/sentinel.ts";

const HOST = "127.0.0.1";
const MASTER_PORT = 1;
const REPLICA_PORT = 2;
const PEER_PORT = 3;
const PEER_ID = "1".repeat(40);
/** Which is asked to vote and which stands for election is a matter of who has the lesser id. */
const OWN_IDS = { leader: "0".repeat(40), observer: "2".repeat(40) };
const DOWN_AFTER_MS = 1000;
/** Longer than any rehearsal takes on its own clock. */
const LONGEST_MS = 60_000;
const TICK_MS = 100;

export type Part = keyof typeof OWN_IDS;

/**
 * A failover of an invented cluster, on a clock of its own and without a word to anybody, so that
 * its code is compiled when a real master dies: a daemon that was idle for months would go through
 * all of it for the first time in the very milliseconds that count.
 *
 * Yields after each step. Returns whether it ended with the replica as master.
 */
export function* rehearse(part: Part): Generator<void, boolean> {
  const rehearsal = new Rehearsal(part);
  yield* rehearsal.steps();
  return rehearsal.isOver;
}

class Rehearsal {
  readonly #part: Part;
  readonly #sentinel: Sentinel;
  readonly #rewriter = new ConfigRewriter("rehearsal");
  readonly #inputs: Input[] = [{ type: "start" }];
  readonly #ports = new Map<number, number>();
  #text = "";
  #nowMs = 0;
  #isMasterDown = false;
  #isPromoted = false;
  #hasVoted = false;
  isOver = false;

  constructor(part: Part) {
    this.#part = part;
    const random = seededRandom(1);
    const config = { ...EMPTY_SENTINEL_CONFIG, myId: OWN_IDS[part], masters: [MASTER] };
    const settings = { requirepass: null, listeningPort: 4, logThreshold: "notice" } as const;
    const state = createState(config, settings, random, this.#nowMs);
    this.#sentinel = new Sentinel(state, random, () => false);
  }

  *steps(): Generator<void, void> {
    while (!this.isOver && this.#nowMs < LONGEST_MS) {
      this.#step(this.#inputs.shift() ?? this.#wait());
      yield;
    }
  }

  /** Nothing happens until something is due. */
  #wait(): Input {
    const dueAtMs = this.#sentinel.nextDueAt ?? Number.POSITIVE_INFINITY;
    this.#nowMs = Math.max(this.#nowMs + 1, Math.min(this.#nowMs + TICK_MS, dueAtMs));
    if (this.#nowMs > DOWN_AFTER_MS && !this.#isMasterDown) this.#killMaster();
    return { type: "tick" };
  }

  #step(input: Input): void {
    const { saveConfig, effects } = this.#sentinel.step(input, this.#nowMs);
    if (saveConfig) this.#save();
    for (const effect of effects) this.#perform(effect);
    if (saveConfig) this.#step({ type: "saved" });
  }

  #save(): void {
    const renewed = this.#rewriter.renew({
      oldText: this.#text,
      generic: { values: new Map(), users: [], renamedCommands: [], includedSentinel: [] },
      users: null,
      sentinel: this.#sentinel.config(),
      loglevel: "notice",
      workingDir: "/",
    });
    if (renewed.ok) this.#text = renewed.text;
  }

  #perform(effect: Effect): void {
    if (effect.type === "connect") this.#connect(effect.connection, effect.port);
    else if (effect.type === "send") this.#answer(effect);
    else if (effect.type === "event") this.#follow(effect.name);
  }

  #connect(connection: number, port: number): void {
    this.#ports.set(connection, port);
    this.#inputs.push(
      this.#isDown(port)
        ? { type: "linkDown", connection, reason: "Connection refused" }
        : { type: "linkUp", connection, localIp: HOST },
    );
  }

  #isDown(port: number): boolean {
    return port === MASTER_PORT && this.#isMasterDown;
  }

  #killMaster(): void {
    this.#isMasterDown = true;
    for (const [connection, port] of this.#ports) {
      if (port !== MASTER_PORT) continue;
      this.#inputs.push({ type: "linkDown", connection, reason: "Connection reset by peer" });
    }
  }

  #answer({ connection, request, args }: Extract<Effect, { type: "send" }>): void {
    const port = this.#ports.get(connection) ?? 0;
    if (this.#isDown(port)) return;
    this.#inputs.push({ type: "reply", connection, request, reply: this.#replyTo(args, port) });
  }

  #replyTo(args: readonly string[], port: number): Reply {
    switch (args[0]) {
      case "PING":
        return status("PONG");
      case "INFO":
        return bulk(this.#info(port));
      case "PUBLISH":
        return integer(1);
      case "SENTINEL":
        return array([integer(1), bulk(args[5] ?? "*"), integer(Number(args[4] ?? 0))]);
      case "SLAVEOF":
        this.#isPromoted = args[1] === "NO";
        return OK;
      default:
        return OK;
    }
  }

  #info(port: number): string {
    const runId = String(port).repeat(40);
    if (port === MASTER_PORT) {
      const replica = `slave0:ip=${HOST},port=${REPLICA_PORT},state=online,offset=1,lag=0`;
      return `run_id:${runId}\r\nrole:master\r\nconnected_slaves:1\r\n${replica}\r\n`;
    }
    if (this.#isPromoted) return `run_id:${runId}\r\nrole:master\r\n`;
    const link = this.#isMasterDown ? "down\r\nmaster_link_down_since_seconds:1" : "up";
    const master = `master_host:${HOST}\r\nmaster_port:${MASTER_PORT}\r\nmaster_link_status:${link}`;
    return `run_id:${runId}\r\nrole:slave\r\n${master}\r\nslave_priority:100\r\nslave_repl_offset:1\r\n`;
  }

  /** As an observer it is asked for its vote, then told of the new configuration. */
  #follow(event: string): void {
    if (event === "+switch-master") this.isOver = true;
    if (this.#part === "leader" || event !== "+odown" || this.#hasVoted) return;
    this.#hasVoted = true;
    const master = [HOST, String(MASTER_PORT)];
    this.#command(["SENTINEL", "IS-MASTER-DOWN-BY-ADDR", ...master, "1", PEER_ID]);
    const hello = [HOST, PEER_PORT, PEER_ID, 1, MASTER.name, HOST, REPLICA_PORT, 1];
    this.#command(["PUBLISH", HELLO_CHANNEL, hello.join(",")]);
  }

  #command(args: readonly string[]): void {
    this.#inputs.push({ type: "command", client: 1, args });
  }
}

const MASTER: MasterConfig = {
  name: "rehearsal",
  host: HOST,
  port: MASTER_PORT,
  quorum: 2,
  downAfterMs: DOWN_AFTER_MS,
  failoverTimeoutMs: DEFAULT_FAILOVER_TIMEOUT_MS,
  parallelSyncs: 1,
  notificationScript: null,
  clientReconfigScript: null,
  authPass: null,
  authUser: null,
  rebootDownAfterMs: 0,
  configEpoch: 0n,
  leaderEpoch: 0n,
  replicas: [{ host: HOST, port: REPLICA_PORT }],
  sentinels: [{ host: HOST, port: PEER_PORT, runId: PEER_ID }],
  renamedCommands: [],
};
