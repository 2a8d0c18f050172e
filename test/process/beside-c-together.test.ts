import assert from "node:assert/strict";
import { knowsAll } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

// Several masters die in one instant, watched by ours and two C Sentinels. Their elections share one
// epoch, which each candidacy moves on for all others [D-EPOCH].

const kinds = ["ours", "c", "c"] as const;
const names = ["m0", "m1", "m2", "m3"] as const;
const majority = 2;
/** More than there are Sentinels: who has this never stands, but sees the master down and votes. */
const unreachable = 9;

// With one replica each, for a C Sentinel may lead in an epoch that another leads, by the votes of a
// later one [D-EPOCH], and would then promote another replica under the same config epoch, for ever.
sceneTest("masters that die together are failed over, whoever stands for them", async (scene) => {
  const mayStand = (sentinel: number) => sentinel < 2;
  await failOverTogether(scene, { mayStand, replicas: 1 });
});

sceneTest("masters that die together are failed over, by ours and by C in turns", async (scene) => {
  const mayStand = (sentinel: number, group: number) => sentinel === group % 2;
  const { sentinels, groups } = await failOverTogether(scene, { mayStand, replicas: 2 });
  for (const [index, group] of groups.entries()) {
    assert.deepEqual(leadersOf(group, sentinels), [sentinels[index % 2]], group.name);
    const switched = sentinels.map((node) => payloads(node, "+switch-master", group));
    assert.equal(new Set(switched.flat()).size, 1, switched.flat().join(", "));
  }
});

interface Plan {
  readonly replicas: number;
  mayStand(sentinel: number, group: number): boolean;
}

interface Group {
  readonly name: string;
  readonly master: RedisNode;
  readonly replicas: readonly RedisNode[];
}

interface Groups {
  readonly groups: readonly Group[];
  readonly sentinels: readonly SentinelNode[];
}

/** Every first attempt must end: the failover timeout is long, so the test sees no second one. */
async function failOverTogether(scene: Scene, plan: Plan): Promise<Groups> {
  const { groups, sentinels } = await startGroups(scene, plan);
  for (const { master } of groups) master.child.signal("SIGKILL");
  const led: string[] = [];
  for (const group of groups) {
    const epoch = await scene.until(`all agree about ${group.name}`, () =>
      agreedEpoch(group, sentinels),
    );
    // Each tells it after its votes and its promotion, so that all of these are known from here on.
    const payload = RegExp(`^${group.name} `);
    await Promise.all(sentinels.map((node) => node.events.next("+switch-master", { payload })));
    // Ours and C may both have led, in different epochs, of which the greater one stands.
    const [leader, ...others] = leadersOf(group, sentinels);
    assert.ok(leader, group.name);
    if (leader.kind === "ours" && others.length === 0) led.push(`${await leader.myId()} ${epoch}`);
  }
  // Ours may lead two masters in one epoch, and has a majority for each. C may have none [D-EPOCH].
  for (const vote of led) {
    const times = led.filter((other) => other === vote).length;
    const votes = sentinels.flatMap((node) => payloads(node, "+vote-for-leader"));
    const given = votes.filter((other) => other === vote).length;
    assert.ok(given >= times * majority, `${given} votes for ${vote}, leader of ${times} masters`);
  }
  return { groups, sentinels };
}

/** The config epoch under which all name one replica, which is a master, and no failover goes on. */
async function agreedEpoch(
  { name, replicas }: Group,
  sentinels: readonly SentinelNode[],
): Promise<string | undefined> {
  const rows = await Promise.all(sentinels.map((node) => node.master(name)));
  const [row, ...others] = rows.map(
    (it) => `${it.ip}:${it.port} ${it["config-epoch"]} ${it.flags}`,
  );
  const [address, epoch, flags] = row?.split(" ") ?? [];
  if (flags !== "master" || others.some((other) => other !== row)) return undefined;
  const promoted = replicas.find((node) => node.address === address);
  return (await promoted?.role()) === "master" ? epoch : undefined;
}

function leadersOf(group: Group, sentinels: readonly SentinelNode[]): readonly SentinelNode[] {
  return sentinels.filter((node) => payloads(node, "+promoted-slave", group).length > 0);
}

/** What a Sentinel said on a channel, about the group alone if one is given. */
function payloads(node: SentinelNode, channel: string, group?: Group): readonly string[] {
  const said = node.events.events.filter((event) => event.channel === channel);
  const texts = said.map((event) => event.payload);
  return texts.filter((text) => group === undefined || text.split(" ").includes(group.name));
}

async function startGroups(scene: Scene, plan: Plan): Promise<Groups> {
  const groups = await Promise.all(names.map((name) => startGroup(scene, name, plan.replicas)));
  const sentinels = await Promise.all(
    kinds.map((kind, index) => scene.sentinel({ kind, config: watchAll(groups, index, plan) })),
  );
  for (const node of sentinels) {
    for (const { name, replicas } of groups) {
      const count = { replicas: replicas.length, peers: kinds.length - 1 };
      await scene.until(`${node.name} knows ${name}`, () => knowsAll(node, count, name));
    }
  }
  return { groups, sentinels };
}

async function startGroup(scene: Scene, name: string, count: number): Promise<Group> {
  const master = await scene.redis();
  const replicas = Array.from({ length: count }, () => scene.redis({ master }));
  return { name, master, replicas: await Promise.all(replicas) };
}

function watchAll(groups: readonly Group[], sentinel: number, { mayStand }: Plan): string[] {
  return groups.flatMap(({ name, master }, group) => [
    `sentinel monitor ${name} 127.0.0.1 ${master.port} ${
      mayStand(sentinel, group) ? majority : unreachable
    }`,
    `sentinel down-after-milliseconds ${name} 2000`,
    `sentinel failover-timeout ${name} 60000`,
  ]);
}
