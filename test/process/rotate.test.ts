import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "../../src/console/rotate/secret.ts";
import { type Cluster, knowsAll, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { schemaMistakes } from "../support/json-schema.ts";
import { OURS } from "../support/launcher.ts";
import { root } from "../support/repository.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import type { ServerNode } from "../support/server-node.ts";

// `redis-sentinel-ts rotate` among one of ours and two C Sentinels.

const OLD = { servers: "old-of-servers", sentinels: "old-of-sentinels" };
const NEW = { servers: "new-of-servers", sentinels: "new-of-sentinels" };
const SCHEMA = JSON.parse(readFileSync(join(root, "docs", "rotate.schema.json"), "utf8"));
const ADMIN = "of-the-administrator";
const WRITERS = 4;

interface Done {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function start(scene: Scene): Promise<Cluster> {
  return await startCluster(scene, {
    sentinels: ["ours", "c", "c"],
    redis: {
      config: [`requirepass ${OLD.servers}`, `masterauth ${OLD.servers}`],
      credentials: { password: OLD.servers },
    },
    sentinelCredentials: { password: OLD.sentinels },
    sentinelConfig: () => [
      `sentinel auth-pass mymaster ${OLD.servers}`,
      `requirepass ${OLD.sentinels}`,
      `sentinel sentinel-pass ${OLD.sentinels}`,
    ],
  });
}

function secretFile(scene: Scene, name: string, text: string): string {
  const path = join(scene.folder, name);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
}

/** Runs it at the first Sentinel, which is ours. */
async function rotate(cluster: Cluster, ...more: readonly string[]): Promise<Done> {
  return await consoleOf([...wordsOf(cluster), ...more]);
}

function wordsOf({ scene, sentinels }: Cluster): readonly string[] {
  const file = (name: string, text: string) => secretFile(scene, name, text);
  return [
    ...["rotate", "mymaster", "--at", sentinels[0]?.address ?? ""],
    ...["--auth-file", file("old-1", OLD.sentinels)],
    ...["--new-auth-file", file("new-1", NEW.sentinels)],
    ...["--servers-auth-file", file("old-2", OLD.servers)],
    ...["--new-servers-auth-file", file("new-2", NEW.servers)],
  ];
}

async function consoleOf(words: readonly string[]): Promise<Done> {
  const [program = "", ...first] = OURS;
  return await new Promise((resolve) => {
    execFile(program, [...first, ...words], (error, out, err) => {
      for (const secret of [...Object.values(OLD), ...Object.values(NEW)]) {
        assert.ok(!`${out}${err}`.includes(secret), "a secret is shown");
      }
      resolve({ status: Number(error?.code ?? 0), out, err });
    });
  });
}

async function accepts(node: ServerNode, password: string, user?: string): Promise<boolean> {
  try {
    const client = await RespClient.open({ port: node.port, password, user });
    const reply = await client.call("PING");
    client.close();
    return reply === "PONG";
  } catch {
    return false;
  }
}

/** Clients that stay: each writes one number after the other on one connection. */
class Writers {
  readonly errors: unknown[] = [];
  count = 0;
  readonly #ends: Promise<void>[];
  #isOver = false;

  constructor(port: number) {
    this.#ends = Array.from({ length: WRITERS }, () => this.#write(port));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#ends);
  }

  async #write(port: number): Promise<void> {
    try {
      const client = await RespClient.open({ port, password: OLD.servers });
      for (; !this.#isOver; this.count++) {
        const reply = await client.call("INCR", "written");
        if (typeof reply !== "number") throw new Error(String(reply));
      }
      client.close();
    } catch (error) {
      this.errors.push(error);
    }
  }
}

/** The ids of the connections to it that a Sentinel of this id has. */
async function connectionsTo(server: ServerNode, id: string): Promise<readonly string[]> {
  const list = String(await server.call("CLIENT", "LIST")).split("\n");
  const own = list.filter((line) => line.includes(`name=sentinel-${id.slice(0, 8)}-`));
  return own.map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "").sort();
}

sceneTest(
  "every password under load, among C Sentinels: no failover, and nobody is cut off",
  async (scene) => {
    const cluster = await start(scene);
    const { master, redises, sentinels } = cluster;
    const [ours] = sentinels;
    assert.ok(ours);
    const nodes: readonly ServerNode[] = [...redises, ...sentinels];
    const others = nodes.filter((node) => node !== ours);
    const id = await ours.myId();
    const before = await Promise.all(others.map((node) => connectionsTo(node, id)));
    const writers = new Writers(master.port);
    await scene.until("they write", () => writers.count > 100);

    const plan = await rotate(cluster, "--dry-run");
    assert.equal(plan.status, 0, plan.err);
    // Accept, say and forget at each; servers also as replicas.
    assert.equal(plan.out.match(/^to do/gm)?.length, 3 + 3 + 3 + 3 + (3 + 3 + 3), plan.out);
    for (const node of nodes) {
      const isServer = redises.some((one) => one === node);
      assert.equal(await accepts(node, isServer ? NEW.servers : NEW.sentinels), false, node.name);
    }

    const kept = await rotate(cluster, "--keep-old");
    assert.equal(kept.status, 0, kept.err);
    for (const node of redises) {
      assert.ok(await accepts(node, OLD.servers), node.name);
      assert.ok(await accepts(node, NEW.servers), node.name);
    }
    const done = await rotate(cluster);
    assert.equal(done.status, 0, done.err);
    for (const node of redises) {
      assert.deepEqual(
        [await accepts(node, OLD.servers), await accepts(node, NEW.servers)],
        [false, true],
      );
      assert.deepEqual(await node.call("CONFIG", "GET", "masterauth"), ["masterauth", NEW.servers]);
    }
    for (const node of sentinels) {
      const found = [await accepts(node, OLD.sentinels), await accepts(node, NEW.sentinels)];
      assert.deepEqual(found, [false, true], node.name);
    }
    const again = await rotate(cluster);
    assert.equal(again.status, 0, again.err);
    assert.doesNotMatch(again.out, /^to do/m);

    const count = writers.count;
    await scene.until("they write on", () => writers.count > count + 100);
    await writers.end();
    assert.deepEqual(writers.errors, []);
    assert.deepEqual(await Promise.all(others.map((node) => connectionsTo(node, id))), before);
    for (const { events, name } of sentinels) {
      assert.deepEqual(
        events.events.filter(({ channel }) => /down|failover/.test(channel)),
        [],
        name,
      );
    }

    // It is on disk, too: with the new ones alone they are a group again, which fails over.
    for (const node of redises) node.setCredentials({ password: NEW.servers });
    for (const node of sentinels) {
      node.setCredentials({ password: NEW.sentinels });
      await node.restart();
    }
    for (const node of sentinels) {
      const all = { replicas: 2, peers: 2 };
      await scene.until(`${node.name} knows all`, () => knowsAll(node, all));
    }
    await master.kill();
    await onlyMaster(cluster, await newMaster(cluster, master));
  },
);

sceneTest("it stops where it is refused, and goes on when it is run again", async (scene) => {
  const cluster = await start(scene);
  const { redises, sentinels } = cluster;
  const [, replica] = redises;
  assert.ok(replica);
  const nothing = await rotate(cluster, "--servers-user", "nobody");
  assert.equal(nothing.status, 1);
  assert.match(nothing.err, /nothing was changed: .*WRONGPASS/);
  // A replica lets nobody change a password; the master comes first.
  await replica.call("ACL", "SETUSER", "helper", "on", ">helps", "+@all");
  await replica.call("ACL", "SETUSER", "default", "-config|get");
  const unseen = await rotate(cluster);
  assert.equal(unseen.status, 1);
  assert.match(unseen.err, new RegExp(`nothing was changed: ${replica.address}: NOPERM`));
  await replica.call("ACL", "SETUSER", "default", "+config|get");
  await replica.call("ACL", "SETUSER", "default", "-acl|setuser");
  const stopped = await rotate(cluster);
  assert.equal(stopped.status, 3, stopped.err);
  assert.match(stopped.err, new RegExp(`stopped: ${replica.address}: NOPERM`));
  // What stands before it in the plan, and nothing behind.
  const isDone = stopped.out
    .trimEnd()
    .split("\n")
    .map((line) => line.startsWith("done"));
  const at = stopped.out.split("\n").findIndex((line) => line.includes(` ${replica.address} `));
  assert.ok(at > 0);
  assert.deepEqual(
    isDone,
    isDone.map((_, index) => index < at),
  );
  assert.ok(await accepts(replica, OLD.servers));
  for (const node of sentinels) {
    assert.equal((await node.master()).flags, "master");
  }
  const { port } = replica;
  const helper = await RespClient.open({ port, user: "helper", password: "helps" });
  assert.equal(await helper.call("ACL", "SETUSER", "default", "+acl|setuser"), "OK");
  helper.close();
  const whole = await rotate(cluster);
  assert.equal(whole.status, 0, whole.err);
  assert.doesNotMatch(whole.out, /^to do/m);
  // Who is away would come back with the old one.
  for (const node of redises) node.setCredentials({ password: NEW.servers });
  replica.freeze();
  await Promise.all(sentinels.map(({ events }) => events.next("+sdown")));
  const missing = await rotate(cluster);
  assert.equal(missing.status, 1);
  assert.match(missing.err, /nothing was changed: .* is down/);
});

sceneTest("killed in each of its steps, it goes on when it is run again", async (scene) => {
  const cluster = await start(scene);
  const [server] = cluster.redises;
  const [ours, peer] = cluster.sentinels;
  assert.ok(server && ours && peer);
  const knows = async (node: ServerNode, password: string) =>
    String(await node.call("ACL", "GETUSER", "default")).includes(hashOf(password));
  const wasTold = ({ events }: SentinelNode) => events.has("+set", /auth-pass/);
  const steps: readonly (() => Promise<boolean> | boolean)[] = [
    () => knows(server, NEW.servers),
    () => wasTold(ours),
    () => wasTold(peer),
    async () => String(await server.call("CONFIG", "GET", "masterauth")).includes(NEW.servers),
    async () => !(await knows(server, OLD.servers)),
    () => knows(ours, NEW.sentinels),
    async () => `${await peer.call("SENTINEL", "CONFIG", "GET", "*pass")}`.includes(NEW.sentinels),
    async () => !(await knows(ours, OLD.sentinels)),
  ];
  let kills = 0;
  for (const isTaken of steps) {
    // It was quick, and this step was taken before the kill behind the one before.
    if (await isTaken()) continue;
    const child = scene.spawn({ name: `run ${++kills}`, command: [...OURS, ...wordsOf(cluster)] });
    await scene.until(`${isTaken}`, async () => !child.running || (await isTaken()));
    assert.ok(child.running, child.log.lines.join("\n"));
    await child.kill();
  }
  assert.ok(kills > 3, `${kills} kills`);
  const rest = await rotate(cluster);
  assert.equal(rest.status, 0, rest.err);
  assert.doesNotMatch(rest.out, /^to do/m);
  for (const [nodes, kind] of [
    [cluster.redises, "servers"],
    [cluster.sentinels, "sentinels"],
  ] as const) {
    for (const node of nodes) {
      const found = [await accepts(node, OLD[kind]), await accepts(node, NEW[kind])];
      assert.deepEqual(found, [false, true], node.name);
    }
  }
  for (const { events, name } of cluster.sentinels) {
    const bad = events.events.filter(({ channel }) => /down|failover/.test(channel));
    assert.deepEqual(bad, [], name);
  }
});

sceneTest("the password of another user, of an ACL file with the least rights", async (scene) => {
  const rights =
    "resetchannels &__sentinel__:hello -@all +ping +info +multi +exec +slaveof +config|rewrite +client|setname +client|kill +script|kill +subscribe +publish";
  const aclFile = join(scene.folder, "users.acl");
  const users = [
    `user default on >${ADMIN} ~* &* +@all`,
    `user watcher on >${OLD.servers} ${rights}`,
  ];
  writeFileSync(aclFile, `${users.join("\n")}\n`);
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c"],
    redis: {
      config: [`aclfile ${aclFile}`, `masterauth ${ADMIN}`],
      credentials: { password: ADMIN },
    },
    sentinelConfig: () => [
      "sentinel auth-user mymaster watcher",
      `sentinel auth-pass mymaster ${OLD.servers}`,
    ],
  });
  const { redises, sentinels } = cluster;
  const words = [
    ...["rotate", "mymaster", "--at", sentinels[0]?.address ?? ""],
    ...["--servers-auth-file", secretFile(scene, "admin", ADMIN), "--of-servers-user", "watcher"],
    ...["--old-servers-auth-file", secretFile(scene, "old", OLD.servers)],
    ...["--new-servers-auth-file", secretFile(scene, "new", NEW.servers)],
  ];
  const plan = JSON.parse((await consoleOf([...words, "--dry-run", "--json"])).out);
  assert.deepEqual(schemaMistakes(plan, SCHEMA), []);
  assert.equal(plan.steps.length, 3 + 2 + 3);
  const done = await consoleOf(words);
  assert.equal(done.status, 0, done.err);
  // Nobody says it as a replica, and the Sentinels have no password of their own.
  assert.equal(done.out.match(/^done/gm)?.length, 3 + 2 + 3, done.out);
  assert.equal(done.err, "");
  for (const node of redises) {
    const found = [OLD.servers, NEW.servers].map((password) => accepts(node, password, "watcher"));
    assert.deepEqual(await Promise.all(found), [false, true], node.name);
  }
  const [, line = ""] = /^(user watcher .*)$/m.exec(readFileSync(aclFile, "utf8")) ?? [];
  assert.ok(line.includes(`#${hashOf(NEW.servers)} `), line);
  for (const { events, name } of sentinels) {
    assert.deepEqual(
      events.events.filter(({ channel }) => /down|failover/.test(channel)),
      [],
      name,
    );
  }
});
