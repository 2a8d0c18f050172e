import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../packaging/run.ts";
import { writeText } from "../../support/files.ts";
import { type Scene, sceneTest } from "../../support/scene.ts";
import { DEB } from "../artefacts.ts";
import { debian } from "../debian.ts";
import { childrenOf } from "../namespaces.ts";

// The Debian package beside Redis 8 and Valkey 8, which the tests' own machine need not have, on a network of its own.

const SERVERS = [6379, 6380, 6381];
const [OURS = 0, ...THEIRS] = [26379, 26380, 26381];
const PASSWORD = "pw";

sceneTest(
  "it leads and follows beside two Sentinels of Redis 8, and of Valkey 8, and files go from one to the other",
  async (scene) => {
    const programs = ["redis-server", "redis-sentinel", "valkey-server", "valkey-sentinel"];
    const tree = debian(scene, ["adduser", "nodejs", ...programs]);
    run(["cp", DEB, join(tree, "tmp", "ours.deb")]);
    run(["chroot", tree, "dpkg", "--install", "/tmp/ours.deb"]);
    for (const kind of ["redis", "valkey"] as const) await beside(scene, tree, kind);
  },
  { timeoutMs: 600_000 },
);

async function beside(scene: Scene, tree: string, kind: "redis" | "valkey"): Promise<void> {
  const { inside, end } = await machine(scene, tree, kind);
  const cli = (port: number, ...words: readonly string[]) =>
    inside(`${kind}-cli`, "-p", `${port}`, ...words).trim();
  const ofServer = (port: number, ...words: readonly string[]) =>
    cli(port, "--no-auth-warning", "-a", PASSWORD, ...words);
  const masters = () =>
    [OURS, ...THEIRS].map((port) => cli(port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"));
  const settled = async (what: string, isNew: (master: string) => boolean) => {
    await scene.until(`${kind}: ${what}`, () => {
      const [master = "", ...others] = masters();
      const isAgreed = isNew(master) && others.every((one) => one === master);
      const counts = [OURS, ...THEIRS].map((port) => cli(port, "SENTINEL", "CKQUORUM", "mymaster"));
      const plan = cli(OURS, "SENTINEL", "FAILOVER", "mymaster", "COORDINATED", "DRYRUN");
      return isAgreed && counts.every((text) => text.startsWith("OK 3")) && /\nfit\n/.test(plan);
    });
    return masters()[0] ?? "";
  };
  const version = /^(?:redis|valkey)_version:(\d+)/gm;
  const found = [...ofServer(SERVERS[0] ?? 0, "INFO", "server").matchAll(version)];
  assert.equal(found.at(-1)?.[1], "8", "it is not what this test is about");

  const first = await settled("all know each other", (master) => master !== "");
  assert.equal(cli(OURS, "SENTINEL", "FAILOVER", "mymaster", "COORDINATED"), "OK");
  const second = await settled("a switch by ours", (master) => master !== first);
  const [peer = 0] = THEIRS;
  assert.equal(cli(peer, "SENTINEL", "FAILOVER", "mymaster"), "OK");
  const third = await settled("a failover by a C Sentinel", (master) => master !== second);
  ofServer(Number(third.split("\n")[1]), "SHUTDOWN", "NOSAVE");
  await settled("a failover of a master that ended", (master) => master !== third);

  // Each goes on with the file of the other.
  const ids = [OURS, peer].map((port) => cli(port, "SENTINEL", "MYID"));
  for (const port of [OURS, peer]) cli(port, "SHUTDOWN");
  inside(`${kind}-sentinel`, `/s/${OURS}.conf`);
  inside("redis-sentinel-ts", `/s/${peer}.conf`);
  await scene.until(`${kind}: both are back`, () =>
    [OURS, ...THEIRS].every((port) =>
      cli(port, "SENTINEL", "CKQUORUM", "mymaster").startsWith("OK"),
    ),
  );
  assert.deepEqual(
    [OURS, peer].map((port) => cli(port, "SENTINEL", "MYID")),
    ids,
  );
  await end();
}

async function machine(scene: Scene, tree: string, kind: string) {
  const folder = join(tree, "s");
  run(["rm", "-rf", folder]);
  mkdirSync(folder);
  for (const port of SERVERS) {
    mkdirSync(join(folder, `${port}`));
    const of = port === SERVERS[0] ? [] : [`replicaof 127.0.0.1 ${SERVERS[0]}`];
    const lines = [`port ${port}`, "bind 127.0.0.1", "daemonize yes", `dir /s/${port}`, ...of];
    const passwords = [`requirepass ${PASSWORD}`, `masterauth ${PASSWORD}`];
    writeText(folder, `${port}.conf`, [...lines, ...passwords, "repl-diskless-sync-delay 0"]);
  }
  for (const port of [OURS, ...THEIRS]) {
    writeText(folder, `${port}.conf`, [
      ...[`port ${port}`, "bind 127.0.0.1", "daemonize yes", `pidfile /s/${port}.pid`],
      "sentinel monitor mymaster 127.0.0.1 6379 2",
      `sentinel auth-pass mymaster ${PASSWORD}`,
      "sentinel down-after-milliseconds mymaster 2000",
    ]);
  }
  const script = [
    "ip link set lo up",
    `mount -t proc none ${tree}/proc`,
    ...SERVERS.map((port) => `chroot ${tree} ${kind}-server /s/${port}.conf`),
    ...THEIRS.map((port) => `chroot ${tree} ${kind}-sentinel /s/${port}.conf`),
    `chroot ${tree} redis-sentinel-ts /s/${OURS}.conf`,
    "exec tail -f /dev/null",
  ];
  const namespaces = ["--net", "--pid", "--mount", "--fork", "--kill-child"];
  const command = ["unshare", ...namespaces, "--", "sh", "-exc", script.join("\n")];
  const child = scene.spawn({ name: kind, command });
  const inside = (...words: readonly string[]): string => {
    const [pid = 0] = childrenOf(child.pid);
    const place = ["--target", `${pid}`, "--net", "--pid", "--mount", "--", "chroot", tree];
    return spawnSync("nsenter", [...place, ...words], { encoding: "utf8" }).stdout;
  };
  await scene.until(`${kind}: all answer`, () =>
    [OURS, ...THEIRS].every((port) => inside(`${kind}-cli`, "-p", `${port}`, "PING") === "PONG\n"),
  );
  return { inside, end: async () => void (await child.kill()) };
}
