import { execFile, execFileSync } from "node:child_process";
import { readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ClusterOptions, startCluster } from "../../support/cluster.ts";
import type { Scene } from "../../support/scene.ts";
import type { Place, SentinelKind } from "../../support/sentinel-node.ts";
import { makeCertificate } from "../scenery.ts";
import { assertIs, type ToolCheck, withoutPorts } from "./check.ts";

const packages = ["redis-tools", "redis-server"];
const scriptTimeoutMs = 90_000;
const password = "chart-secret";

/**
 * The command lines of charts and operators, which start ours under the names that they call, and the
 * scripts that they run.
 */
export const charts: readonly ToolCheck[] = [
  {
    name: "bitnami",
    title: "Bitnami: `redis-server FILE --port N --sentinel`, probes, awk over the file, preStop",
    packages,
    facts: async (scene, kind, programs) =>
      await bitnami({ scene, kind, programs }, "redis-server FILE --port PORT --sentinel", {}),
  },
  {
    name: "bitnami-tls",
    title:
      "Bitnami with TLS: `redis-server FILE --sentinel --port 0 --tls-port N ...`, or at the end",
    packages: [...packages, "openssl"],
    facts: bitnamiTls,
  },
  {
    name: "dandydeveloper",
    title: "DandyDeveloper: its edited file, probe, inline words, failover with grep, reset",
    packages,
    facts: dandyDeveloper,
  },
  {
    name: "spotahome",
    title:
      "spotahome: `redis-server FILE --sentinel`, INFO by regular expression, reset *, preStop",
    packages,
    facts: async (scene, kind, programs) =>
      await onCluster({ scene, kind, programs }, "spotahome", {
        sentinelCommandLine: "redis-server FILE --sentinel",
      }),
  },
  {
    name: "ot",
    title: "OT: its file, probe, INFO, MASTER, MONITOR, SET, RESET, REMOVE",
    packages,
    facts: async (scene, kind, programs) =>
      await onCluster({ scene, kind, programs }, "ot", {
        sentinelCommandLine: "redis-sentinel FILE",
        sentinelCredentials: { password },
        sentinelConfig: otFile(scene),
      }),
  },
  {
    name: "monitors",
    title: "Telegraf, Datadog, OpenTelemetry, redis-cli --stat: INFO all, masters, quorum",
    packages,
    facts: async (scene, kind, programs) =>
      await onCluster({ scene, kind, programs }, "monitors", {}),
  },
];

interface Stage {
  readonly scene: Scene;
  readonly kind: SentinelKind;
  readonly programs: string;
}

type Env = Readonly<Record<string, string>>;

/** The script, asking the first of three Sentinels. */
async function onCluster(
  { scene, kind, programs }: Stage,
  name: string,
  options: ClusterOptions,
  env: Env = {},
): Promise<readonly string[]> {
  const sentinels = [kind, kind, kind];
  const cluster = await startCluster(scene, { sentinels, downAfterMs: 2000, ...options });
  const [sentinel] = cluster.sentinels;
  if (sentinel === undefined) throw new Error("a cluster without Sentinels");
  const { port, file } = sentinel;
  assertIs(kind, sentinel);
  const known = { PORT: `${port}`, FILE: file, CLI: "", PASSWORD: "" };
  const secret = options.sentinelCredentials?.password;
  return await runScript(join(programs, "tools", `${name}.sh`), {
    ...known,
    ...(secret !== undefined && { PASSWORD: secret }),
    ...env,
  });
}

async function runScript(path: string, env: Env): Promise<readonly string[]> {
  const options = { env: { ...process.env, ...env }, timeout: scriptTimeoutMs };
  const { stdout, stderr } = await promisify(execFile)("bash", [path], options);
  return withoutPorts(`${stdout}${stderr}`).trim().split("\n");
}

/** The chart's own script edits the file before the start; its folder is a link for Bitnami. */
function edited(programs: string, name: string, { asLink }: { asLink: boolean }): Place {
  return (folder, file, port) => {
    const env = { ...process.env, FILE: file, PORT: `${port}`, PASSWORD: password };
    execFileSync("bash", [join(programs, "tools", `${name}-init.sh`)], { env });
    if (asLink) {
      renameSync(folder, `${folder}-mounted`);
      symlinkSync(`${folder}-mounted`, folder);
    }
    return [];
  };
}

async function bitnami(
  stage: Stage,
  sentinelCommandLine: string,
  options: ClusterOptions,
  env: Env = {},
): Promise<readonly string[]> {
  const config = [
    `requirepass ${password}`,
    `masterauth ${password}`,
    ...(options.redis?.config ?? []),
  ];
  const credentials = { ...options.redis?.credentials, password };
  return await onCluster(
    stage,
    "bitnami",
    {
      ...options,
      redis: { ...options.redis, config, credentials },
      sentinelCommandLine,
      sentinelPlace: edited(stage.programs, "bitnami", { asLink: true }),
      sentinelCredentials: { ...options.sentinelCredentials, password },
    },
    env,
  );
}

/** The servers as the chart sets them up, and its Sentinels with everything on the command line. */
async function bitnamiTls(
  scene: Scene,
  kind: SentinelKind,
  programs: string,
): Promise<readonly string[]> {
  const { certificate, key, tls } = certificates(scene);
  const files = {
    "tls-cert-file": certificate,
    "tls-key-file": key,
    "tls-ca-cert-file": certificate,
  };
  const settings = { ...files, "tls-replication": "yes", "tls-auth-clients": "no" };
  const pairs = Object.entries(settings);
  const args = ["--port 0 --tls-port PORT", ...pairs.map(([name, value]) => `--${name} ${value}`)];
  const options: ClusterOptions = {
    redis: { tls: true, config: pairs.map((pair) => pair.join(" ")), credentials: { tls } },
    sentinelTls: true,
    sentinelCredentials: { tls },
  };
  const env = { CLI: `--tls --cacert ${certificate} --cert ${certificate} --key ${key}` };
  const facts: string[] = [];
  // Which of both it is depends on the age of the chart.
  for (const words of [
    [...args, "--sentinel"],
    ["--sentinel", ...args],
  ]) {
    const line = ["redis-server FILE", ...words].join(" ");
    facts.push(...(await bitnami({ scene, kind, programs }, line, options, env)));
  }
  return facts;
}

function certificates(scene: Scene) {
  const { certificate, key } = makeCertificate(scene.folder);
  return { certificate, key, tls: { ca: readFileSync(certificate) } };
}

async function dandyDeveloper(
  scene: Scene,
  kind: SentinelKind,
  programs: string,
): Promise<readonly string[]> {
  const lonely = await scene.redis();
  const options: ClusterOptions = {
    sentinelCommandLine: "redis-sentinel FILE",
    sentinelPlace: edited(programs, "dandydeveloper", { asLink: false }),
    sentinelCredentials: { password },
  };
  const env = { LONELY: `${lonely.port}` };
  return await onCluster({ scene, kind, programs }, "dandydeveloper", options, env);
}

/** What the operator writes beside the Sentinel's own lines. */
function otFile(scene: Scene): (index: number) => readonly string[] {
  const folder = scene.subfolder("ot");
  writeFileSync(join(folder, "external.conf"), "maxclients 500\n");
  writeFileSync(join(folder, "user.acl"), `user default on >${password} ~* &* +@all\n`);
  return (index) => [
    "daemonize no",
    `pidfile ${folder}/redis-sentinel-${index}.pid`,
    'logfile ""',
    "acllog-max-len 128",
    "sentinel deny-scripts-reconfig yes",
    "SENTINEL resolve-hostnames no",
    "SENTINEL announce-hostnames no",
    "masterauth secret",
    `requirepass ${password}`,
    "protected-mode yes",
    "tls-replication no",
    `include ${folder}/external.conf`,
    `aclfile ${folder}/user.acl`,
  ];
}
