import { array, bulk, integer, OK, type Reply, status } from "../../src/base/reply.ts";
import { type Random, seededRandom } from "../../src/core/random.ts";
import { CSentinel } from "../sim/c-model/c-sentinel.ts";
import { SimClock } from "../sim/clock.ts";
import { type SimConnection, type SimHost, SimNetwork } from "../sim/network.ts";
import { WordServer } from "../support/word-server.ts";
import { OWN_ID } from "./c-model-steps.ts";

/** How a peer that sees the master down answers who asks for its vote. */
export type Answer =
  | "for"
  | "another"
  | "a third"
  | "nobody"
  | "in the epoch before"
  | "in the next";

const ANSWERS: readonly Answer[] = [
  ...["for", "for", "another", "a third", "nobody", "in the epoch before", "in the next"],
] as readonly Answer[];

/** One election: what each peer answers, and the quorum. */
export interface Election {
  readonly answers: readonly Answer[];
  readonly quorum: number;
}

export const DOWN_AFTER_MS = 1_000;
export const FAILOVER_TIMEOUT_MS = 1_500;
export const ENDS = ["+elected-leader", "-failover-abort-not-elected"];

const ANOTHER = "e".repeat(40);
const A_THIRD = "f".repeat(40);

export function planElection(random: Random): Election {
  const answers = Array.from({ length: 1 + random.below(5) }, () => {
    return ANSWERS[random.below(ANSWERS.length)] as Answer;
  });
  return { answers, quorum: 1 + random.below(answers.length + 1) };
}

export function idOf(index: number): string {
  return `${index + 1}`.repeat(40);
}

/** Down or not, whom it voted for, and in which epoch. */
function answer(
  kind: Answer,
  epochText: string,
  candidate: string,
): readonly [leader: string, epoch: number] {
  const epoch = Number(epochText);
  if (candidate === "*" || kind === "nobody") return ["*", 0];
  if (kind === "in the epoch before") return [candidate, epoch - 1];
  if (kind === "in the next") return [candidate, epoch + 1];
  return [kind === "for" ? candidate : kind === "another" ? ANOTHER : A_THIRD, epoch];
}

/** Such a peer of the C program. */
export function listenAsVoter(kind: Answer): Promise<WordServer> {
  return WordServer.listen(([name = "", , , , epochText = "", candidate = ""]) => {
    if (name === "PING") return "+PONG\r\n";
    if (name === "PUBLISH") return ":1\r\n";
    if (name !== "SENTINEL") return "+OK\r\n";
    const [leader, epoch] = answer(kind, epochText, candidate);
    return `*3\r\n:1\r\n$${leader.length}\r\n${leader}\r\n:${epoch}\r\n`;
  });
}

/** The same on the simulated network. */
class SimVoter implements SimHost {
  readonly address: string;
  readonly isStopped = false;
  isRunning = true;
  readonly #kind: Answer;
  readonly #network: SimNetwork;

  constructor(network: SimNetwork, address: string, kind: Answer) {
    this.address = address;
    this.#kind = kind;
    this.#network = network;
    network.add(this);
  }

  receive(connection: SimConnection, request: number, args: readonly string[]): void {
    this.#network.reply(connection, request, this.#answer(args));
  }

  #answer([name, , , , epochText = "", candidate = ""]: readonly string[]): Reply {
    if (name === "PING") return status("PONG");
    if (name === "PUBLISH") return integer(1);
    if (name !== "SENTINEL") return OK;
    const [leader, epoch] = answer(this.#kind, epochText, candidate);
    return array([integer(1), bulk(leader), integer(epoch)]);
  }

  closed(): void {
    // A peer keeps nothing.
  }
}

/** How the election ends for the model, whose master is dead from the start. */
export function electModel({ answers, quorum }: Election, seed: number): string {
  const clock = new SimClock();
  const random = seededRandom(seed);
  const network = new SimNetwork(clock, random, 1);
  const peers = answers.map((kind, index) => {
    const address = { ip: `10.99.1.${index + 1}`, port: 26379 };
    new SimVoter(network, `${address.ip}:${address.port}`, kind);
    return { id: idOf(index), address };
  });
  const master = {
    ...{ name: "mymaster", address: { ip: "10.0.0.1", port: 6379 }, quorum, peers, replicas: [] },
    ...{ downAfterMs: DOWN_AFTER_MS, failoverTimeoutMs: FAILOVER_TIMEOUT_MS, parallelSyncs: 1 },
    ...{ configEpoch: 0n, leaderEpoch: 0n },
  };
  const file = { myId: OWN_ID, currentEpoch: 0n, masters: [master] };
  const where = { ip: "10.99.0.1", port: 26379 };
  const sentinel = new CSentinel({ network, random, where, file });
  sentinel.start();
  const end = () => sentinel.events.find(({ name }) => ENDS.includes(name))?.name;
  clock.advanceUntil(() => end() !== undefined, 20_000);
  return end() ?? "no end";
}
