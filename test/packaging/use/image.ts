import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../../../packaging/run.ts";
import type { Child } from "../../support/child.ts";
import { RespClient } from "../../support/resp-client.ts";
import { type Scene, sceneTest } from "../../support/scene.ts";
import { IMAGE } from "../artefacts.ts";
import { type Image, readDockerfile } from "../dockerfile.ts";
import { childrenOf } from "../namespaces.ts";

// A container is a root of files, some namespaces and a user: the tree of the Dockerfile is run in one, as root of
// the machine. Base images cannot be had in every place.

const image = readDockerfile(readFileSync(join(IMAGE, "Dockerfile"), "utf8"));

/** What the base image brings: a shell, a few programs, Node, and their libraries. */
const BASE_PROGRAMS = ["sh", "env", "readlink", "dirname", "cat", "touch", "sleep"];

sceneTest("the image runs as nobody, with a read-only root, as process 1", async (scene) => {
  const master = await scene.redis();
  const { container, port } = await startContainer(scene, master.port);
  const client = await scene.until("it answers", () => RespClient.open({ port }));
  await scene.until("it has a link to the master", async () => {
    const row = await client.call("SENTINEL", "MASTER", "m");
    return Array.isArray(row) && row[row.indexOf("role-reported") + 1] === "master";
  });
  assert.equal(await client.call("SENTINEL", "FLUSHCONFIG"), "OK");
  assert.doesNotMatch(
    container.log.lines.join("\n"),
    /WARNING: this is process 1|overwritten in place/,
  );
  const pid = childrenOf(container.pid)[0] ?? 0;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  assert.match(status, /^Uid:\t10001\t10001\t10001\t10001$/m);
  assert.match(status, /^NSpid:\t\d+\t1$/m);
  assert.match(status, /^CapEff:\t0{16}$/m);
  const inside = (...command: readonly string[]) => exec(pid, image, port, command);
  assert.notEqual(inside("sh", "-c", "touch /x || touch /usr/lib/x").status, 0);
  assert.equal(inside("sh", "-c", "touch /data/x").status, 0);
  const healthy = inside(...image.health);
  assert.equal(healthy.status, 0, healthy.stdout + healthy.stderr);
  assert.match(healthy.stdout, /\+PONG/);
  // A probe leaves an orphan behind; the init takes it in.
  inside("sh", "-c", "sleep 0.1 &");
  await scene.until("only the Sentinel is left", () => childrenOf(pid).length === 1);
  const [sentinel = 0] = childrenOf(pid);
  process.kill(sentinel, "SIGSTOP");
  assert.notEqual(inside(...image.health).status, 0);
  process.kill(sentinel, "SIGCONT");
  client.close();
  process.kill(pid, image.stopSignal as NodeJS.Signals);
  assert.equal((await container.exited).code, 0);
  assert.match(container.log.lines.join("\n"), /ready to exit, bye bye/);
});

sceneTest("the probe of the image says why it fails", async (scene) => {
  const ping = join(IMAGE, "redis-sentinel-ts", "bin", "sentinel-ping");
  const probe = (...words: readonly string[]) =>
    spawnSync(process.execPath, [ping, ...words], { encoding: "utf8" });
  const free = await scene.port();
  assert.deepEqual(
    [probe(`127.0.0.1:${free}`), probe("nothing")].map(({ status }) => status),
    [1, 2],
  );
  assert.match(probe(`127.0.0.1:${free}`).stdout, /ECONNREFUSED/);
  const config = ["sentinel monitor m 127.0.0.1 1 1", "requirepass secret"];
  const node = await scene.sentinel({ config, credentials: { password: "secret" } });
  const locked = probe(`127.0.0.1:${node.port}`);
  assert.equal(locked.status, 0, locked.stdout);
  assert.match(locked.stdout, /NOAUTH/);
});

async function startContainer(
  scene: Scene,
  masterPort: number,
): Promise<{ readonly container: Child; readonly port: number }> {
  const tree = scene.subfolder("root");
  layBase(tree);
  for (const { from, to } of image.copies) {
    cpSync(join(IMAGE, from), join(tree, to), { recursive: true });
  }
  for (const folder of ["proc", "dev", "tmp"]) mkdirSync(join(tree, folder));
  const port = await scene.port();
  const [volume = ""] = image.volumes;
  const data = join(tree, volume);
  const script = [
    `mount --bind ${tree} ${tree}`,
    `mount -t proc none ${tree}/proc`,
    `mount --rbind /dev ${tree}/dev`,
    // A volume begins with what the image has there.
    `mkdir ${scene.folder}/volume; cp ${data}/* ${scene.folder}/volume`,
    `chown -R ${image.user} ${scene.folder}/volume`,
    `mount --bind ${scene.folder}/volume ${data}`,
    `mount -o remount,bind,ro ${tree}`,
    `cd ${tree}`,
    `exec chroot --userspec=${image.user} ${tree} /usr/bin/env -i -C ${image.workdir} "$@"`,
  ];
  const options = ["--port", `${port}`, "--bind", "127.0.0.1"];
  const monitor = ["--sentinel", "monitor", "m", "127.0.0.1", `${masterPort}`, "1"];
  const words = [
    ...environment(image),
    ...image.entrypoint,
    ...image.command,
    ...options,
    ...monitor,
  ];
  const namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--"];
  const command = [...namespaces, "sh", "-ec", script.join("\n"), "sh", ...words];
  return { container: scene.spawn({ name: "container", command }), port };
}

/** As `docker exec` and the HEALTHCHECK. */
function exec(pid: number, { env, user }: Image, port: number, command: readonly string[]) {
  const [uid = "", gid = ""] = user.split(":");
  const place = [
    "--target",
    `${pid}`,
    "--mount",
    "--pid",
    "--root",
    "--wd",
    "--setuid",
    uid,
    "--setgid",
    gid,
  ];
  const words = [...environment({ env }), `REDIS_SENTINEL_TS_PING=127.0.0.1:${port}`, ...command];
  return spawnSync("nsenter", [...place, "--", "/usr/bin/env", "-i", ...words], {
    encoding: "utf8",
  });
}

function environment({ env }: Pick<Image, "env">): readonly string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

function layBase(tree: string): void {
  for (const name of BASE_PROGRAMS) {
    const program = run(["sh", "-c", `command -v ${name}`]).trim();
    place(tree, program, join("/usr/bin", name));
  }
  place(tree, process.execPath, "/usr/local/bin/node");
  mkdirSync(join(tree, "bin"), { recursive: true });
  cpSync(join(tree, "usr/bin/sh"), join(tree, "bin/sh"));
}

/** With the libraries that it is linked with. */
function place(tree: string, program: string, to: string): void {
  const copy = (from: string, target: string): void => {
    mkdirSync(dirname(join(tree, target)), { recursive: true });
    cpSync(from, join(tree, target), { dereference: true });
  };
  copy(program, to);
  for (const [, library = ""] of run(["ldd", program]).matchAll(/(\/\S+) \(0x/g))
    copy(library, library);
}
