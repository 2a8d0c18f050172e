import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { startCluster } from "../../support/cluster.ts";
import { writeScript } from "../../support/files.ts";
import { RespClient } from "../../support/resp-client.ts";
import type { Scene } from "../../support/scene.ts";
import { type SentinelKind, sentinelCommand } from "../../support/sentinel-node.ts";
import { type ToolCheck, withoutPorts } from "./check.ts";

const packages = ["redis-tools", "redis-server"];
const scriptTimeoutMs = 90_000;

/** Scripts as charts and operators run them (section 2 of the project's ecosystem notes). */
export const charts: readonly ToolCheck[] = [
  {
    name: "bitnami",
    title: "Bitnami: `redis-server FILE --sentinel`, probes, awk over the rewritten file",
    packages,
    facts: bitnami,
  },
  {
    name: "dandydeveloper",
    title: "DandyDeveloper: inline words, failover with grep",
    packages,
    facts: (scene, kind, programs) => onCluster(scene, kind, script(programs, "dandydeveloper")),
  },
  {
    name: "spotahome",
    title: "spotahome: regular expressions over INFO, reset *, REMOVE, MONITOR, SET",
    packages,
    facts: (scene, kind, programs) => onCluster(scene, kind, script(programs, "spotahome")),
  },
  {
    name: "ot",
    title: "OT: INFO, MASTER, MONITOR, SET, RESET, REMOVE, and its file",
    packages,
    facts: (scene, kind, programs) => onCluster(scene, kind, script(programs, "ot"), otFile(scene)),
  },
];

function script(programs: string, name: string): string {
  return join(programs, "tools", `${name}.sh`);
}

async function onCluster(
  scene: Scene,
  kind: SentinelKind,
  path: string,
  config: readonly string[] = [],
): Promise<readonly string[]> {
  const cluster = await startCluster(scene, {
    sentinels: [kind, kind, kind],
    downAfterMs: 2000,
    sentinelConfig: () => config,
  });
  const [sentinel] = cluster.sentinels;
  if (sentinel === undefined) throw new Error("a cluster without Sentinels");
  return await runScript(path, sentinel.port, sentinel.file);
}

async function runScript(path: string, port: number, file: string): Promise<readonly string[]> {
  const env = { ...process.env, PORT: `${port}`, FILE: file };
  const options = { env, timeout: scriptTimeoutMs };
  const { stdout, stderr } = await promisify(execFile)("bash", [path], options);
  return withoutPorts(`${stdout}${stderr}`).trim().split("\n");
}

/** What the operator writes beside the Sentinel's own lines. */
function otFile(scene: Scene): readonly string[] {
  const folder = scene.subfolder("ot");
  writeFileSync(join(folder, "external.conf"), "maxclients 500\n");
  writeFileSync(join(folder, "user.acl"), "user operator on >secret ~* &* +@all\n");
  return [
    "masterauth secret",
    "tls-replication no",
    `include ${folder}/external.conf`,
    `aclfile ${folder}/user.acl`,
  ];
}

/** One Sentinel as the chart's container starts it, before and after a failover. */
async function bitnami(
  scene: Scene,
  kind: SentinelKind,
  programs: string,
): Promise<readonly string[]> {
  const master = await scene.redis();
  const replica = await scene.redis({ master });
  const port = await scene.port();
  const known = `sentinel known-replica mymaster 127.0.0.1 ${replica.port}`;
  const file = await startAsChart(scene, kind, port, [
    `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
    "sentinel down-after-milliseconds mymaster 1000",
    known,
  ]);
  const probe = async (): Promise<readonly string[]> =>
    await runScript(script(programs, "bitnami"), port, file);
  const before = await probe();
  await master.kill();
  const client = await RespClient.open({ port });
  await scene.until("the Sentinel names the replica", async () => {
    const address = await client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster");
    return Array.isArray(address) && address[1] === `${replica.port}`;
  });
  client.close();
  return [...before, ...(await probe()).map((fact) => `after a failover, ${fact}`)];
}

/**
 * `redis-server FILE --port N --sentinel`, the flag last, the folder of the file a link. Ours goes
 * by the name of redis-server, as the image of a chart would have it.
 */
async function startAsChart(
  scene: Scene,
  kind: SentinelKind,
  port: number,
  lines: readonly string[],
): Promise<string> {
  const folder = scene.subfolder("etc");
  const link = join(scene.folder, "mounted-etc");
  symlinkSync(folder, link);
  const file = join(link, "sentinel.conf");
  writeFileSync(file, `${["bind 127.0.0.1", `dir ${folder}`, ...lines].join("\n")}\n`);
  const sentinel = scene.spawn({
    name: `redis-server --sentinel (${kind})`,
    command: ["redis-server", file, "--port", `${port}`, "--sentinel"],
    env: kind === "ours" ? { PATH: shimPath(scene) } : {},
  });
  await sentinel.log.waitFor(/Sentinel ID is/);
  return file;
}

/** A PATH on which `redis-server` is our Sentinel. */
function shimPath(scene: Scene): string {
  const folder = join(scene.folder, "shim");
  mkdirSync(folder);
  const command = sentinelCommand("ours").map((word) => `'${word}'`);
  writeScript(folder, "redis-server", [`exec ${command.join(" ")} "$@"`]);
  return `${folder}${delimiter}${process.env.PATH}`;
}
