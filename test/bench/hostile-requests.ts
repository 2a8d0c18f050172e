import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { RespClient } from "../support/resp-client.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";
import { type Benchmark, type BenchmarkRun, inTurns, pureKinds } from "./benchmark.ts";
import { atMost, type Figure } from "./figure.ts";
import { withScene } from "./with-scene.ts";

/** Long words and many of them, up to 16 MiB: what one client sends. */
interface HostileRequest {
  readonly title: string;
  readonly head: readonly string[];
  readonly count: number;
  readonly unit: (index: number) => readonly string[];
}

const mostStallMs = 100;
const pingPauseMs = 10;
/** So long after its last byte an answer is over. */
const quietMs = 700;
const mostWaitMs = 60_000;

const requests: readonly HostileRequest[] = [
  request("HELLO 3", "SETNAME a", 20_000),
  request("CLIENT LIST ID", "1", 200_000),
  {
    ...request("CLIENT TRACKING ON BCAST", "PREFIX p", 20_000),
    unit: (index) => ["PREFIX", `p${String(index).padStart(7, "0")}`],
  },
  request("CLIENT KILL", "ID 99999999", 250_000),
  request("SENTINEL SET m", "quorum 1", 100_000),
  request("SENTINEL DEBUG", "info-period 10000", 100_000),
  request("SENTINEL CONFIG GET", "*a*n*o*", 1_000_000),
  {
    ...request("SENTINEL CONFIG GET", "8 MiB of [", 2),
    unit: () => ["[".repeat(8 * 1024 * 1024 - 100)],
  },
  { ...request("SUBSCRIBE", "channel", 500_000), unit: (index) => [`c${index}`] },
  { ...request("PSUBSCRIBE", "pattern", 20_000), unit: (index) => [`*${index}*z`] },
  { ...request("ACL SETUSER u", "~key", 20_000), unit: (index) => [`~k${index}`] },
  request("ACL DRYRUN default SUBSCRIBE", "c", 500_000),
  request("COMMAND INFO", "sentinel", 1_000),
  request("INFO", "everything", 500_000),
];

function request(head: string, unit: string, count: number): HostileRequest {
  const [first, words] = [head.split(" "), unit.split(" ")];
  const title = `${head} ${unit} x ${count.toLocaleString("en")}`;
  return { title, head: first, count, unit: () => words };
}

/** For how long does one request of one client keep another waiting? */
export const hostileRequestsBenchmark: Benchmark = {
  name: "hostile-requests",
  runs: 1,
  measure: (run) =>
    inTurns(run.runs, pureKinds(run), async (kind, turn) => {
      run.say(`${kind}, ${turn} of ${run.runs}`);
      await measure(run, kind);
    }),
};

async function measure(run: BenchmarkRun, kind: SentinelKind): Promise<void> {
  await withScene(async (scene) => {
    const master = await scene.redis();
    const config = [
      `sentinel monitor m 127.0.0.1 ${master.port} 1`,
      "sentinel down-after-milliseconds m 60000",
    ];
    const sentinel = await scene.sentinel({ kind, config });
    const { port } = sentinel;
    await scene.until("the master is reached", async () => {
      const flags = (await sentinel.master("m"))?.flags ?? "";
      return flags === "master";
    });
    for (const one of requests) {
      const stallMs = await longestPing(port, encode(one));
      run.record(figureOf(one), kind, stallMs);
      run.say(`${kind}: ${one.title}: ${stallMs.toFixed(1)} ms`);
    }
  });
}

function figureOf({ title }: HostileRequest): Figure {
  return { name: `${title}: longest PING`, unit: "ms", target: atMost(mostStallMs) };
}

function encode({ head, count, unit }: HostileRequest): Buffer {
  const words = [...head];
  for (let index = 0; index < count; index++) for (const word of unit(index)) words.push(word);
  const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join("")}`, "latin1");
}

/** The longest that another client waits for PONG from now until the answer is over. */
async function longestPing(port: number, bytes: Buffer): Promise<number> {
  const [pinger, socket] = [
    await RespClient.open({ port, timeoutMs: mostWaitMs }),
    await open(port),
  ];
  await pinger.call("PING");
  const answer = new Answer(socket);
  const startedAtMs = performance.now();
  socket.write(bytes);
  let longestMs = 0;
  while (!answer.isOver && performance.now() - startedAtMs < mostWaitMs) {
    const askedAtMs = performance.now();
    await pinger.call("PING");
    longestMs = Math.max(longestMs, performance.now() - askedAtMs);
    await wait(pingPauseMs);
  }
  socket.destroy();
  pinger.close();
  return longestMs;
}

class Answer {
  #lastByteAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket) {
    const note = (): void => {
      this.#lastByteAtMs = performance.now();
    };
    socket.on("data", note);
    socket.on("close", note);
  }

  get isOver(): boolean {
    return performance.now() - this.#lastByteAtMs > quietMs;
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  socket.on("error", () => socket.destroy());
  return socket;
}
