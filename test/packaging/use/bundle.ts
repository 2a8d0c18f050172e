import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { writeText } from "../../support/files.ts";
import { read, root } from "../../support/repository.ts";
import { RespClient } from "../../support/resp-client.ts";
import { type Scene, sceneTest } from "../../support/scene.ts";
import { BUNDLE, OUT, VERSION } from "../artefacts.ts";
import { recipe } from "../recipe.ts";

const monitor = "sentinel monitor m 127.0.0.1 1 1";

test("the bundle has no packages beside it, and names those that are in it", () => {
  const files = readdirSync(BUNDLE, { recursive: true, encoding: "utf8" });
  assert.deepEqual(
    files.filter((file) => file.includes("node_modules")),
    [],
  );
  const notices = readFileSync(join(BUNDLE, "THIRD-PARTY-NOTICES"), "utf8");
  const { dependencies } = JSON.parse(read("package.json"));
  for (const name of Object.keys(dependencies))
    assert.match(notices, new RegExp(`^${name} \\d`, "m"));
});

sceneTest("it runs where it is copied to: version, help, JSON log, TLS, a link", async (scene) => {
  const place = join(scene.folder, "copy of it");
  cpSync(BUNDLE, place, { recursive: true });
  const launcher = join(place, "bin", "redis-sentinel-ts.js");
  const version = spawnSync(process.execPath, [launcher, "-v"], { encoding: "utf8" });
  assert.match(version.stdout, new RegExp(`redis-sentinel-ts=${VERSION}\\n`), version.stderr);
  const help = spawnSync(process.execPath, [launcher, "-h"], { encoding: "utf8" });
  assert.match(help.stderr, /^Usage: redis-sentinel-ts FILE/);
  const master = await scene.redis();
  const port = await scene.port();
  const lines = [`port ${port}`, "bind 127.0.0.1", `sentinel monitor m 127.0.0.1 ${master.port} 1`];
  const file = writeText(scene.folder, "s.conf", lines);
  const command = [process.execPath, launcher, file, "--log-format", "json"];
  const child = scene.spawn({ name: "bundle", command });
  const client = await scene.until("it answers", () => RespClient.open({ port }));
  await scene.until("it has a link to the master", async () => {
    const row = await client.call("SENTINEL", "MASTER", "m");
    return Array.isArray(row) && row[row.indexOf("role-reported") + 1] === "master";
  });
  const words = [launcher, "status", "m", "--at", `127.0.0.1:${port}`];
  const status = spawnSync(process.execPath, words, { encoding: "utf8" });
  assert.match(status.stdout, /^m {2}127\.0\.0\.1:\d+ /, status.stderr);
  client.close();
  assert.ok(child.log.lines.some((line) => JSON.parse(line).msg.includes("is starting")));
  assert.equal((await child.stop()).code, 0);
});

sceneTest("its first PONG is no later than that of the files it was made of", async (scene) => {
  const launchers = [root, BUNDLE].map((folder) => join(folder, "bin", "redis-sentinel-ts.js"));
  const times: number[][] = [[], []];
  for (let turn = 0; turn < 9; turn++) {
    for (const [at, launcher] of launchers.entries()) {
      times[at]?.push(await toFirstPong(scene, launcher, `${turn}-${at}`));
    }
  }
  const [files = 0, bundle = 0] = times.map((each) => each.sort((a, b) => a - b)[4] ?? 0);
  assert.ok(bundle <= files * 1.1, `${bundle} ms, but ${files} ms of files`);
});

sceneTest("the page's commands unpack and start it", async (scene) => {
  const port = await scene.port();
  const file = writeText(scene.folder, "s.conf", [`port ${port}`, "bind 127.0.0.1", monitor]);
  const commands = recipe("docs/install.md", "Bundle")
    .replaceAll("/opt", scene.folder)
    .replace("/etc/redis/sentinel.conf", file);
  const script = `cd ${OUT}\n${commands.replace(/\n(\S+ \S+\n)$/, "\nexec $1")}`;
  scene.spawn({ name: "as the page says", command: ["sh", "-exc", script] });
  const client = await scene.until("it answers", () => RespClient.open({ port }));
  assert.equal(await client.call("SENTINEL", "FLUSHCONFIG"), "OK");
});

async function toFirstPong(scene: Scene, launcher: string, name: string): Promise<number> {
  const port = await scene.port();
  const lines = [`port ${port}`, "bind 127.0.0.1", monitor];
  const file = writeText(scene.folder, `${name}.conf`, lines);
  const beganMs = performance.now();
  const child = scene.spawn({ name, command: [process.execPath, launcher, file] });
  while (!(await answersPing(port)));
  const tookMs = performance.now() - beganMs;
  await child.kill();
  return tookMs;
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => resolve(false));
    socket.on("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.write("PING\r\n");
  });
}
