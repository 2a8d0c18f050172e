import assert from "node:assert/strict";
import { seededRandom } from "../../src/core/random.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import { configLines, ModelSide, RealSide } from "./c-model-sides.ts";
import { OWN_ID, placeOf, planSteps } from "./c-model-steps.ts";
import {
  DOWN_AFTER_MS,
  type Election,
  ENDS,
  electModel,
  FAILOVER_TIMEOUT_MS,
  idOf,
  listenAsVoter,
  planElection,
} from "./c-model-voters.ts";

const FEW = 60;
/** `C_MODEL_SEQUENCES=500 npm test -- parity/c-model` for more. */
const sequences = Number(process.env.C_MODEL_SEQUENCES ?? FEW);
const firstSeed = Number(process.env.C_MODEL_SEED ?? 1);
/** Each process lives for so many sequences side by side: most of the time is its start. */
const AT_A_TIME = 4;

sceneTest(
  `the model of a C Sentinel does what the C program does, in ${sequences} random sequences`,
  async (scene) => {
    const seeds = Array.from({ length: sequences }, (_, index) => firstSeed + index);
    const work = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        await runSequence(scene, seed).catch((error: unknown) => {
          seeds.length = 0;
          throw error;
        });
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: AT_A_TIME }, work));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  },
  { timeoutMs: 30_000 + 1_000 * sequences },
);

const ELECTIONS = 16;
/** Seeds of elections that the model wins, and that it does not: half of them each. */
const elections = Array.from({ length: 400 }, (_, index) => index + 1).map((seed) => {
  const election = planElection(seededRandom(seed));
  return { election, end: electModel(election, seed) };
});

for (const end of ENDS) {
  const some = elections.filter((one) => one.end === end).slice(0, ELECTIONS / 2);
  sceneTest(
    `${some.length} elections end with ${end} for the C program as for its model`,
    async (scene) => {
      assert.equal(some.length, ELECTIONS / 2);
      const ended = await Promise.all(some.map(({ election }) => elect(scene, election)));
      for (const [index, { election }] of some.entries()) {
        assert.equal(ended[index], end, JSON.stringify(election));
      }
    },
  );
}

/** How an election ends for the C program, whose master is dead from the start. */
async function elect(scene: Scene, { answers, quorum }: Election): Promise<string> {
  const voters = await Promise.all(answers.map(listenAsVoter));
  const config = [
    `sentinel myid ${OWN_ID}`,
    `sentinel monitor mymaster ${placeOf("red", 0)} 1 ${quorum}`,
    `sentinel down-after-milliseconds mymaster ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout mymaster ${FAILOVER_TIMEOUT_MS}`,
    ...voters.map(
      ({ port }, at) => `sentinel known-sentinel mymaster 127.0.0.1 ${port} ${idOf(at)}`,
    ),
  ];
  const node = await scene.sentinel({ kind: "c", config });
  try {
    return await scene.until("the election ends", () => {
      return node.events.events.find(({ channel }) => ENDS.includes(channel))?.channel;
    });
  } finally {
    for (const voter of voters) voter.close();
  }
}

/** With every second seed one of the masters is down all the time. */
async function runSequence(scene: Scene, seed: number): Promise<void> {
  const isOneDown = seed % 2 === 0;
  const node = await scene.sentinel({ kind: "c", config: configLines(isOneDown) });
  const model = new ModelSide(seededRandom(seed), isOneDown);
  await compare(seed, new RealSide(node, isOneDown), model);
  await node.stop();
}

/** After each step both have said the same, know the same, and would know the same after a crash. */
async function compare(seed: number, real: RealSide, model: ModelSide): Promise<void> {
  const done: string[] = [];
  for (const step of planSteps(seededRandom(seed))) {
    if (model.isAmbiguous(step)) continue;
    done.push(JSON.stringify(step));
    const wanted = await real.do(step);
    assert.deepEqual(model.do(step), wanted, `seed ${seed}, after:\n${done.join("\n")}`);
  }
}
