import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { writeScript, writeText } from "../support/files.ts";
import { LAUNCHER } from "../support/launcher.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

// The names that images, charts and units call [PROGRAM-NAMES].

const bin = dirname(LAUNCHER);
const node = dirname(process.execPath);
const env = { PATH: `${bin}:${node}:${process.env.PATH}` };

const process1 = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

async function fileOf(scene: Scene) {
  const port = await scene.port();
  const lines = [`port ${port}`, "bind 127.0.0.1", "sentinel monitor m 127.0.0.1 1 1"];
  return { port, file: writeText(scene.folder, "sentinel.conf", lines) };
}

async function pong(scene: Scene, port: number): Promise<void> {
  await scene.until("PONG", async () => {
    const client = await RespClient.open({ port });
    try {
      return (await client.call("PING")) === "PONG";
    } finally {
      client.close();
    }
  });
}

/** The command lines of charts, operators and units, the file's path as `FILE`. */
const COMMAND_LINES = [
  "redis-sentinel FILE",
  "valkey-sentinel FILE",
  "redis-server FILE --sentinel",
  "valkey-server FILE --sentinel",
  "redis-server FILE --tls-port 0 --sentinel",
  "redis-server FILE --sentinel --protected-mode no",
  "redis-sentinel FILE --supervised systemd --daemonize no",
];

for (const line of COMMAND_LINES) {
  sceneTest(`\`${line}\` is ours`, async (scene) => {
    const { port, file } = await fileOf(scene);
    const command = line.split(" ").map((word) => (word === "FILE" ? file : word));
    const child = scene.spawn({ name: line, command: ["env", ...command], env });
    await pong(scene, port);
    assert.match(child.log.lines.join("\n"), /redis-sentinel-ts is starting/);
    assert.equal((await child.stop("SIGTERM")).code, 0);
  });
}

sceneTest("everything else is the real program, also behind a link to the shim", async (scene) => {
  const linked = scene.subfolder("linked");
  spawnSync("ln", ["-s", join(bin, "redis-server"), linked]);
  const path = `${linked}:${env.PATH}`;
  const run = spawnSync("redis-server", ["-v"], { env: { PATH: path }, encoding: "utf8" });
  assert.match(run.stdout, /^Redis server v=/);
  assert.doesNotMatch(run.stdout, /redis-sentinel-ts/);
  const nothing = scene.subfolder("nothing");
  for (const program of ["sh", "readlink", "dirname"]) {
    const real = spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout;
    spawnSync("ln", ["-s", real.trim(), nothing]);
  }
  const alone = spawnSync(join(bin, "valkey-server"), ["-v"], {
    env: { PATH: nothing },
    encoding: "utf8",
  });
  assert.equal(alone.status, 127);
  assert.match(alone.stderr, /only Sentinels run here/);
});

sceneTest("as process 1 it takes in orphans, and SIGTERM ends it in order", async (scene) => {
  const { port, file } = await fileOf(scene);
  const root = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const command = ["unshare", ...root, ...process1, "redis-sentinel", file];
  const child = scene.spawn({ name: "process 1", command, env });
  await pong(scene, port);
  const init = childrenOf(child.pid)[0] ?? 0;
  const marks = scene.subfolder("marks");
  for (let at = 0; at < 10; at++) {
    const orphans = `(sleep 0.1; : > ${marks}/${at}a) & (: > ${marks}/${at}b) &`;
    const left = spawnSync("nsenter", ["-t", `${init}`, "-p", "-m", "--", "sh", "-c", orphans]);
    assert.equal(left.status, 0, left.stderr.toString());
  }
  await scene.until("all orphans ended", () => readdirSync(marks).length === 20);
  await scene.until("none of them is left", () => childrenOf(init).length === 1);
  assert.doesNotMatch(child.log.lines.join("\n"), /this is process 1/);
  process.kill(init, "SIGTERM");
  assert.equal((await child.exited).code, 0);
  assert.match(child.log.lines.join("\n"), /ready to exit, bye bye/);
});

sceneTest("as process 1 through a failover, whose scripts leave orphans behind", async (scene) => {
  const root = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const marks = scene.subfolder("marks");
  const orphan = `(sleep 0.1; mktemp -p ${marks} >&2) &`;
  const script = writeScript(scene.folder, "reconfig", [orphan, orphan]);
  const cluster = await startCluster(scene, {
    replicas: 1,
    sentinelPlace: () => ["unshare", ...root, ...process1],
    sentinelCommandLine: "redis-sentinel FILE",
    sentinelConfig: () => [`sentinel client-reconfig-script mymaster ${script}`],
  });
  await cluster.master.kill();
  const promoted = await newMaster(cluster, cluster.master);
  await onlyMaster(cluster, promoted);
  await scene.until("the orphans of all three ended", () => readdirSync(marks).length === 6);
  for (const { child } of cluster.sentinels) {
    const init = childrenOf(child.pid)[0] ?? 0;
    await scene.until("none of them is left", () => childrenOf(init).length === 1);
    assert.match(child.log.lines.join("\n"), /redis-sentinel-ts is starting/);
  }
});

sceneTest("as process 1 without an init the log says what to do", async (scene) => {
  const { port, file } = await fileOf(scene);
  const root = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const flags = ["--pid", "--fork", "--kill-child", "--mount-proc", "--"];
  const ours = [process.execPath, join(bin, "redis-sentinel-ts.js"), file];
  const child = scene.spawn({ name: "bare", command: ["unshare", ...root, ...flags, ...ours] });
  await pong(scene, port);
  assert.match(child.log.lines.join("\n"), /# WARNING: this is process 1, .* Run an init/);
});

sceneTest(
  "a systemd-notify that takes its time holds up nothing, and is told READY",
  async (scene) => {
    const { port, file } = await fileOf(scene);
    const folder = scene.subfolder("slow");
    writeScript(folder, "systemd-notify", ["sleep 2.5", 'echo "$*" >> $0.told']);
    const slow = { PATH: `${folder}:${env.PATH}`, NOTIFY_SOCKET: "/nonexistent" };
    const command = ["env", "redis-sentinel", file, "--supervised", "systemd"];
    const child = scene.spawn({ name: "slow", command, env: slow });
    await pong(scene, port);
    const client = await RespClient.open({ port });
    const told = join(folder, "systemd-notify.told");
    let slowestMs = 0;
    await scene.until("READY", async () => {
      const begin = performance.now();
      await client.call("PING");
      slowestMs = Math.max(slowestMs, performance.now() - begin);
      return existsSync(told) && /READY=1/.test(readFileSync(told, "utf8"));
    });
    client.close();
    assert.ok(slowestMs < 1_000, `PING took ${slowestMs} ms`);
    assert.doesNotMatch(child.log.lines.join("\n"), /\+tilt|was not told/);
  },
);

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.trim().split(" ").filter(Boolean).map(Number);
}
