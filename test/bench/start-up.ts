import { connect } from "node:net";
import { writeText } from "../support/files.ts";
import type { Scene } from "../support/scene.ts";
import { type SentinelKind, sentinelCommand } from "../support/sentinel-node.ts";
import { type Benchmark, inTurns, pureKinds } from "./benchmark.ts";
import { atMost, type Figure } from "./figure.ts";
import { firstTime } from "./poll.ts";
import { withScene } from "./with-scene.ts";

const toFirstPong: Figure = {
  name: "process start to the first PONG",
  unit: "ms",
  target: atMost(130),
};
const askPoll = { everyMs: 1, timeoutMs: 20_000 };

/** A client that tries again each millisecond until something answers. */
export const startUpBenchmark: Benchmark = {
  name: "start-up",
  runs: 15,
  measure: (run) =>
    withScene(async (scene) => {
      const master = await scene.redis();
      await inTurns(run.runs, pureKinds(run), async (kind, turn) => {
        const folder = scene.subfolder(`${kind}-${turn}`);
        run.record(toFirstPong, kind, await timeStart(scene, kind, folder, master.port));
      });
    }),
};

async function timeStart(
  scene: Scene,
  kind: SentinelKind,
  folder: string,
  masterPort: number,
): Promise<number> {
  const port = await scene.port();
  const lines = [`port ${port}`, `dir ${folder}`, `sentinel monitor m 127.0.0.1 ${masterPort} 1`];
  const file = writeText(folder, "sentinel.conf", lines);
  const startedAtMs = performance.now();
  const child = scene.spawn({ name: kind, command: [...sentinelCommand(kind), file], folder });
  const answeredAtMs = await firstTime("a PONG", () => answersPing(port), askPoll);
  await child.kill();
  return answeredAtMs - startedAtMs;
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.on("error", () => end(false));
    socket.on("close", () => end(false));
    socket.on("data", (bytes) => end(bytes.toString() === "+PONG\r\n"));
    socket.write("PING\r\n");
  });
}
