import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Child } from "../support/child.ts";
import { writeText } from "../support/files.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import { type SentinelNode, sentinelCommand } from "../support/sentinel-node.ts";

const monitor = "sentinel monitor mymaster 127.0.0.1 1 1";

const ways: readonly (readonly [string, (node: SentinelNode) => Promise<void>])[] = [
  ["SIGTERM", async (node) => node.child.signal("SIGTERM")],
  ["SIGINT", async (node) => node.child.signal("SIGINT")],
  ["SHUTDOWN", async (node) => void (await node.call("SHUTDOWN").catch(String))],
];

for (const [name, end] of ways) {
  sceneTest(`${name} ends the process with 0 and removes the pid file`, async (scene) => {
    const pidfile = join(scene.folder, "sentinel.pid");
    const node = await scene.sentinel({ config: [monitor, `pidfile ${pidfile}`] });
    assert.equal(readFileSync(pidfile, "utf8"), `${node.child.pid}\n`);
    await end(node);
    assert.deepEqual(await node.child.exited, { code: 0, signal: null });
    assert.ok(!existsSync(pidfile));
    assert.ok(node.child.log.has(/ready to exit, bye bye/), node.child.log.tail(5));
  });
}

sceneTest("oom-score-adj is what a C Sentinel makes of it", async (scene) => {
  const cases = [
    ["oom-score-adj absolute", "oom-score-adj-values 321 400 800"],
    ["oom-score-adj yes", "oom-score-adj-values 20 400 800"],
    ["oom-score-adj relative", "oom-score-adj-values 1900 400 800"],
    ["oom-score-adj yes", "oom-score-adj-values 20 400 800", "replicaof 127.0.0.1 1"],
  ];
  for (const lines of cases) {
    const scores = await Promise.all(
      (["ours", "c"] as const).map(async (kind) => {
        const { child } = await scene.sentinel({ kind, config: [monitor, ...lines] });
        return readFileSync(`/proc/${child.pid}/oom_score_adj`, "utf8");
      }),
    );
    assert.equal(scores[0], scores[1], lines.join());
    if (lines[0] === cases[0]?.[0]) assert.equal(scores[0], "321\n");
  }
});

sceneTest("SIGHUP and SIGPIPE end nothing", async (scene) => {
  const node = await scene.sentinel({ config: [monitor] });
  for (const signal of ["SIGHUP", "SIGPIPE"] as const) node.child.signal(signal);
  assert.equal(await node.call("PING"), "PONG");
});

sceneTest("a port that is taken is one clear sentence and exit code 1", async (scene) => {
  const node = await scene.sentinel({ config: [monitor] });
  const second = start(scene, [`port ${node.port}`, "bind 127.0.0.1", monitor]);
  assert.equal((await second.exited).code, 1);
  const about = second.log.lines.filter((line) => line.includes(`:${node.port}`));
  assert.equal(about.length, 1, second.log.tail(10));
  assert.match(about[0] ?? "", /already in use/i);
  assert.equal(await node.call("PING"), "PONG");
});

sceneTest("daemonize yes leaves the terminal and keeps the pid file", async (scene) => {
  const port = await scene.port();
  const [pidfile, logfile] = [join(scene.folder, "d.pid"), join(scene.folder, "d.log")];
  const launched = start(scene, [
    `port ${port}`,
    "bind 127.0.0.1",
    "daemonize yes",
    `pidfile ${pidfile}`,
    `logfile ${logfile}`,
    monitor,
  ]);
  assert.equal((await launched.exited).code, 0);
  const pid = await scene.until("the pid file is written", () => readPid(pidfile));
  assert.notEqual(pid, launched.pid);
  try {
    const client = await scene.until("the daemon answers", () => RespClient.open({ port }));
    assert.equal(await client.call("PING"), "PONG");
    process.kill(pid, "SIGTERM");
    await scene.until("the daemon removes its pid file", () => !existsSync(pidfile));
    await scene.until("the daemon is gone", () => !isAlive(pid));
    assert.match(readFileSync(logfile, "utf8"), /bye bye/);
  } finally {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  }
});

sceneTest("a log file that is renamed is opened again", async (scene) => {
  const logfile = join(scene.folder, "s.log");
  const node = await scene.sentinel({ config: [monitor, `logfile ${logfile}`] });
  // PING is answered while the core is still being loaded.
  await scene.until("the core has begun", () => {
    return readFileSync(logfile, "utf8").includes("+monitor master mymaster");
  });
  renameSync(logfile, `${logfile}.1`);
  await scene.until("the new log file has a line", async () => {
    await node.call("SENTINEL", "SET", "mymaster", "quorum", "2");
    return existsSync(logfile) && readFileSync(logfile, "utf8").includes("+set");
  });
});

sceneTest("the commented sample starts as it is", async (scene) => {
  const [root] = import.meta.url.split("/dist/");
  const port = await scene.port();
  const file = join(scene.folder, "sample.conf");
  copyFileSync(fileURLToPath(`${root}/conf/sentinel.conf`), file);
  const command = [...sentinelCommand("ours"), file, "--port", String(port)];
  const child = scene.spawn({ name: "sample", command });
  const client = await scene.until("it answers", () => RespClient.open({ port }));
  assert.equal(await client.call("SENTINEL", "FLUSHCONFIG"), "OK");
  client.close();
  assert.equal((await child.stop()).code, 0);
});

sceneTest("options of the command line win over the file", async (scene) => {
  const port = await scene.port();
  const file = writeText(scene.folder, "o.conf", ["port 1", "bind 127.0.0.1", monitor]);
  const options = ["--port", String(port), "--sentinel", "monitor", "two", "127.0.0.1", "2", "1"];
  scene.spawn({ name: "with options", command: [...sentinelCommand("ours"), file, ...options] });
  const client = await scene.until("it listens on the port of the option", () =>
    RespClient.open({ port }),
  );
  const address = await client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "two");
  assert.deepEqual(address, ["127.0.0.1", "2"]);
  client.close();
});

function start(scene: Scene, config: readonly string[]): Child {
  const file = writeText(scene.folder, "start.conf", config);
  return scene.spawn({ name: "a second one", command: [...sentinelCommand("ours"), file] });
}

function readPid(pidfile: string): number | undefined {
  const pid = existsSync(pidfile) ? Number(readFileSync(pidfile, "utf8")) : 0;
  return pid > 0 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
