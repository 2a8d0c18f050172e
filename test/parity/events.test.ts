import assert from "node:assert/strict";
import { sceneTest } from "../support/scene.ts";
import {
  comparePublished,
  compareWorlds,
  type EventDifference,
  LONE_DIFFERENCES,
  PEER_DIFFERENCES,
} from "./events-compare.ts";
import { INCIDENTS, type Incident, PEER_INCIDENTS } from "./events-incidents.ts";
import { World } from "./events-world.ts";

// The same incidents are played to a Sentinel of Redis and to ours, each with servers of its own.

sceneTest(title("A Sentinel alone", INCIDENTS), async (scene) => {
  const worlds = await Promise.all([
    World.build(scene, "c", false),
    World.build(scene, "ours", false),
  ]);
  await playToBoth(worlds, INCIDENTS, LONE_DIFFERENCES);
});

sceneTest(title("A Sentinel with a peer", PEER_INCIDENTS), async (scene) => {
  const worlds = await Promise.all([
    World.build(scene, "c", true),
    World.build(scene, "ours", true),
  ]);
  await playToBoth(worlds, PEER_INCIDENTS, PEER_DIFFERENCES);
});

function title(who: string, incidents: Readonly<Record<string, Incident>>): string {
  return `${who} tells as Redis does: ${Object.keys(incidents).join("; ")}`;
}

async function playToBoth(
  [c, ours]: readonly [World, World],
  incidents: Readonly<Record<string, Incident>>,
  differences: readonly EventDifference[],
): Promise<void> {
  await Promise.all([play(c, incidents), play(ours, incidents)]);
  assert.ok(c.logged().length > 0);
  compareWorlds(c, ours, differences);
  for (const world of [c, ours]) comparePublished(world);
}

async function play(world: World, incidents: Readonly<Record<string, Incident>>): Promise<void> {
  for (const [name, incident] of Object.entries(incidents)) {
    world.mark();
    try {
      await incident(world);
    } catch (error) {
      throw new Error(`${name} (${world.kind})`, { cause: error });
    }
  }
}
