import type { Reply } from "../../src/base/reply.ts";
import type { CFile, CSavedMaster } from "../sim/c-model/file.ts";
import { hearHello } from "../sim/c-model/hello.ts";
import { textOf } from "../sim/c-model/records.ts";
import { CState, type CWorld, resetMaster } from "../sim/c-model/state.ts";
import { answerDown } from "../sim/c-model/votes.ts";
import type { RespValue } from "../support/resp-client.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import { until } from "../support/until.ts";
import { NAMES, OWN_ID, placeOf, type Step } from "./c-model-steps.ts";

const QUORUM = 3;
/** So long that nothing is down before the end, and so short that it is down at once. */
const LONG_MS = 3_600_000;
const SHORT_MS = 1;
/** Seen down all the time, where one is. */
const DOWN_NAME = "blue";

/** What is compared after each step: the reply, what it says of itself, and its file. */
export interface Sight {
  readonly reply: string;
  readonly masters: readonly string[];
  readonly file: string;
}

export function configLines(isOneDown: boolean): readonly string[] {
  return [
    `sentinel myid ${OWN_ID}`,
    ...NAMES.flatMap((name) => [
      `sentinel monitor ${name} ${placeOf(name, 0)} 1 ${QUORUM}`,
      `sentinel down-after-milliseconds ${name} ${downAfterMs(name, isOneDown)}`,
    ]),
  ];
}

function downAfterMs(name: string, isOneDown: boolean): number {
  return isOneDown && name === DOWN_NAME ? SHORT_MS : LONG_MS;
}

/** The program of the system. */
export class RealSide {
  readonly #node: SentinelNode;
  readonly #isOneDown: boolean;

  constructor(node: SentinelNode, isOneDown: boolean) {
    this.#node = node;
    this.#isOneDown = isOneDown;
  }

  async do(step: Step): Promise<Sight> {
    if (this.#isOneDown) await this.#awaitDown();
    const reply = await this.#perform(step);
    const masters = await Promise.all(NAMES.map((name) => this.#look(name)));
    return { reply, masters, file: readFile(this.#node.configText) };
  }

  async #perform(step: Step): Promise<string> {
    if (step.kind === "restart") {
      if (step.isKilled) await this.#node.kill();
      await this.#node.restart();
      return "";
    }
    try {
      return tell(await this.#node.call(...wordsOf(step)));
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #awaitDown(): Promise<void> {
    await until(async () => (await this.#node.master(DOWN_NAME)).flags?.includes("s_down"), {
      what: `${DOWN_NAME} is down`,
    });
  }

  async #look(name: string): Promise<string> {
    const master = await this.#node.master(name);
    const peers = (await this.#node.sentinels(name)).map(
      (one) =>
        `${one.runid} ${one.ip}:${one.port} ${one["voted-leader"]} ${one["voted-leader-epoch"]}`,
    );
    const replicas = (await this.#node.replicas(name)).map((one) => `${one.ip}:${one.port}`);
    const { ip, port, quorum } = master;
    const counts = `${master["num-slaves"]} ${master["num-other-sentinels"]}`;
    const own = `${name} ${ip}:${port} ${quorum} ${counts} ${master["config-epoch"]}`;
    return [own, ...peers.sort(), ...replicas.sort()].join("\n");
  }
}

function wordsOf(step: Exclude<Step, { kind: "restart" }>): readonly string[] {
  if (step.kind === "reset") return ["SENTINEL", "RESET", step.name];
  if (step.kind === "hello") return ["PUBLISH", "__sentinel__:hello", step.text];
  return ["SENTINEL", "IS-MASTER-DOWN-BY-ADDR", ...step.args];
}

/** Our model of it. */
export class ModelSide {
  #file: CFile = {
    myId: OWN_ID,
    currentEpoch: 0n,
    masters: NAMES.map((name) => ({
      name,
      address: { ip: placeOf(name, 0), port: 1 },
      quorum: QUORUM,
      downAfterMs: LONG_MS,
      failoverTimeoutMs: 180_000,
      parallelSyncs: 1,
      configEpoch: 0n,
      leaderEpoch: 0n,
      replicas: [],
      peers: [],
    })),
  };
  readonly #world: CWorld;
  readonly #isOneDown: boolean;
  #state: CState;

  constructor(random: CWorld["random"], isOneDown: boolean) {
    this.#isOneDown = isOneDown;
    this.#world = {
      now: () => 1_000,
      random,
      write: (file) => {
        this.#file = file;
      },
      event: () => undefined,
      closeLink: () => undefined,
    };
    this.#state = new CState(this.#file, this.#world);
  }

  do(step: Step): Sight {
    const dead = this.#state.masters.get(DOWN_NAME);
    if (dead && this.#isOneDown) dead.sdown = true;
    const reply = this.#perform(step);
    const masters = NAMES.map((name) => this.#look(name));
    return { reply, masters, file: tellFile(this.#file) };
  }

  /**
   * Of two masters, or two Sentinels, at one address the C program takes the one that its hash table
   * names first, which is another one in each process.
   */
  isAmbiguous(step: Step): boolean {
    const masters = [...this.#state.masters.values()];
    if (step.kind === "ask") {
      return new Set(masters.map(({ address }) => textOf(address))).size < masters.length;
    }
    if (step.kind !== "hello") return false;
    const [ip, port, , , name = ""] = step.text.split(",");
    const peers = [...(this.#state.masters.get(name)?.peers.values() ?? [])];
    return peers.filter(({ address }) => textOf(address) === `${ip}:${port}`).length > 1;
  }

  #perform(step: Step): string {
    switch (step.kind) {
      case "ask":
        return tellReply(answerDown(this.#state, step.args));
      case "hello":
        hearHello(this.#state, step.text);
        return "1";
      case "reset": {
        const master = this.#state.masters.get(step.name);
        if (master) resetMaster(this.#state, master, false);
        return "1";
      }
      case "restart":
        this.#state = new CState(this.#file, this.#world);
        return "";
      default:
        return step satisfies never;
    }
  }

  #look(name: string): string {
    const master = this.#state.masters.get(name);
    if (!master) return `${name} is not monitored`;
    const { address, quorum, replicas, peers, configEpoch } = master;
    const told = [...peers.values()].map(
      (one) => `${one.id} ${textOf(one.address)} ${one.leader ?? "?"} ${one.leaderEpoch}`,
    );
    const counts = `${replicas.size} ${peers.size}`;
    const own = `${name} ${textOf(address)} ${quorum} ${counts} ${BigInt.asIntN(64, configEpoch)}`;
    return [own, ...told.sort(), ...[...replicas.keys()].sort()].join("\n");
  }
}

/** The lines of a file that are state, in a form of their own. */
function readFile(text: string): string {
  const lines = text.split("\n").map((line) => line.replaceAll('"', "").split(" "));
  const of = (name: string, directive: string) =>
    lines.filter((words) => words[1] === directive && words[2] === name);
  const masters = NAMES.map((name): CSavedMaster => {
    const [, , , ip = "", port] = of(name, "monitor")[0] ?? [];
    return {
      name,
      address: { ip, port: Number(port) },
      quorum: 0,
      downAfterMs: 0,
      failoverTimeoutMs: 0,
      parallelSyncs: 0,
      configEpoch: BigInt(of(name, "config-epoch")[0]?.[3] ?? 0),
      leaderEpoch: BigInt(of(name, "leader-epoch")[0]?.[3] ?? 0),
      replicas: of(name, "known-replica").map(([, , , host = "", at]) => ({
        ip: host,
        port: Number(at),
      })),
      peers: of(name, "known-sentinel").map(([, , , host = "", at, id = ""]) => ({
        id,
        address: { ip: host, port: Number(at) },
      })),
    };
  });
  const epoch = lines.find((words) => words[1] === "current-epoch")?.[2] ?? 0;
  return tellFile({ myId: OWN_ID, currentEpoch: BigInt(epoch), masters });
}

function tellFile({ currentEpoch, masters }: CFile): string {
  const told = masters.map(({ name, address, configEpoch, leaderEpoch, replicas, peers }) => {
    const known = peers.map((peer) => `${peer.id}@${textOf(peer.address)}`).sort();
    const others = replicas.map(textOf).sort();
    return `${name} ${textOf(address)} ${configEpoch} ${leaderEpoch} [${others}] [${known}]`;
  });
  return [`epoch ${currentEpoch}`, ...told].join("\n");
}

/** The client does not read the digits of a great one; those of the file are compared. */
function tellNumber(value: number): string {
  return Number.isSafeInteger(value) ? `${value}` : `${Math.sign(value)} * great`;
}

function tell(value: RespValue): string {
  if (typeof value === "number") return tellNumber(value);
  return Array.isArray(value) ? value.map(tell).join(" ") : String(value);
}

function tellReply(reply: Reply): string {
  switch (reply.type) {
    case "array":
      return reply.items.map(tellReply).join(" ");
    case "integer":
      return tellNumber(Number(reply.value));
    case "bulk":
    case "error":
      return String(reply.text);
    default:
      return JSON.stringify(reply);
  }
}
