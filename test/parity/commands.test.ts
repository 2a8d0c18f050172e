import assert from "node:assert/strict";
import { type Scene, sceneTest } from "../support/scene.ts";
import { within } from "../support/until.ts";
import { Comparison } from "./commands/compare.ts";
import { type Group, readCorpus, type Step } from "./commands/corpus.ts";
import { INTENDED } from "./commands/intended.ts";
import { Actor, type Protocol, restore } from "./commands/pair.ts";
import { type Cast, createCast } from "./commands/stage.ts";

// The same requests to our daemon and to the C program of the system, reply against reply.

const leastCases = 600;

sceneTest(
  "replies are those of redis-sentinel 7.0.15, but for the intended differences",
  async (scene) => {
    const comparison = new Comparison(INTENDED);
    const cast = await createCast(scene);
    const only = process.env.PARITY_ONLY ?? "";
    const groups = readCorpus().filter(({ topic, name }) => `${topic}/${name}`.includes(only));
    for (const group of groups) {
      for (const protocol of protocolsOf(group)) {
        await playGroup(scene, cast, group, protocol, comparison);
      }
    }
    const { cases, intendedCases, failures } = comparison;
    console.log(`parity: ${cases} replies compared, ${intendedCases} differ as intended`);
    if (failures.length > 0) throw new Error(`${failures.length} differ\n${failures.join("\n")}`);
    if (only !== "") return;
    assert.deepEqual(comparison.unmet(), []);
    assert.ok(cases >= leastCases, `only ${cases} cases`);
  },
  { timeoutMs: 150_000 },
);

/** The clients of the protected pair begin as strangers; some say HELLO 3 on their own. */
function protocolsOf({ pair }: Group): readonly Protocol[] {
  return pair === "secured" ? [2] : [2, 3];
}

async function playGroup(
  scene: Scene,
  cast: Cast,
  group: Group,
  protocol: Protocol,
  comparison: Comparison,
): Promise<void> {
  const pair = cast.pair(group.pair);
  await Promise.all([pair.theirs, pair.ours].map((node) => restore(node, group)));
  await pair.begin?.();
  const theirs = new Actor(pair.theirs, pair.own.theirs, pair.values("theirs"), pair.login);
  const ours = new Actor(pair.ours, pair.own.ours, pair.values("ours"), pair.login);
  try {
    for (const step of group.steps) {
      if (step.type === "until") await waitFor(scene, step, [theirs, ours]);
      const said = await within(
        Promise.all([theirs.play(step, protocol), ours.play(step, protocol)]),
        15_000,
        `${group.topic} / ${group.name}, RESP${protocol}: ${"line" in step ? step.line : step.type}`,
      );
      const [one, other] = said;
      if (!one || !other) continue;
      const line = "line" in step ? step.line : step.type;
      comparison.add({ group, protocol, line, theirs: one, ours: other });
    }
  } finally {
    theirs.close();
    ours.close();
  }
}

async function waitFor(
  scene: Scene,
  step: Step & { type: "until" },
  actors: readonly Actor[],
): Promise<void> {
  for (const actor of actors) {
    await scene.until(`${step.line} ~ ${step.pattern}`, () => actor.sees(step.line, step.pattern));
  }
}
