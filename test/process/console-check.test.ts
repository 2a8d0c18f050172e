import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ACL_LINES } from "../../src/console/check/acl-lines.ts";
import { CODES } from "../../src/quorum/check/codes.ts";
import { runConsole } from "../support/console.ts";
import { root } from "../support/repository.ts";
import { RewritingProxy } from "../support/rewriting-proxy.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";

// Each code of `check` from a set-up that is broken so, on real servers, watched by ours and by C Sentinels.

const seen = { ours: new Set<string>(), c: new Set<string>() };
const kinds = ["ours", "c"] as const;
const admin = { password: "of-the-admin" };
const secret = "of-the-sentinels";
const ofCheck = "of-the-check";
/** A Sentinel of `tilt-trigger 200` that stood still for so long enters TILT. */
const STANDSTILL_MS = 500;

interface Report {
  readonly findings: readonly { readonly code: string; readonly what: string }[];
  readonly unchecked: readonly { readonly what: string; readonly why: string }[];
}

/** The codes, each once. */
async function codesOf(kind: SentinelKind, words: readonly string[]): Promise<string[]> {
  const { stdout, stderr, status } = await runConsole(["check", "--json", ...words]);
  assert.equal(stderr, "");
  for (const word of [admin.password, secret, ofCheck])
    assert.ok(!stdout.includes(word), "a secret");
  const report = JSON.parse(stdout) as Report;
  const codes = [...new Set(report.findings.map(({ code }) => code))];
  for (const code of codes) seen[kind].add(code);
  const isCritical = codes.some(
    (code) => CODES[code as keyof typeof CODES].severity === "critical",
  );
  assert.equal(status, isCritical ? 2 : codes.length > 0 ? 1 : 0);
  return codes;
}

function includes(codes: readonly string[], expected: readonly string[]): void {
  assert.deepEqual(
    expected.filter((code) => !codes.includes(code)),
    [],
    `among ${codes.join(" ")}`,
  );
}

const knows = (node: SentinelNode, replicas: number, peers: number) => async () => {
  const all = await node.replicas();
  const others = await node.sentinels();
  const isReady = all.every((row) => row.runid !== "" && row["master-link-status"] === "ok");
  return all.length === replicas && others.length === peers && isReady;
};

/** As from a supervisor that starts it again: `process_supervised` in INFO says which. */
async function supervised(scene: Scene, lines: readonly string[]): Promise<void> {
  const child = scene.spawn({
    name: "supervised",
    command: ["redis-server", "-"],
    env: { UPSTART_JOB: "redis" },
    input: `${lines.join("\n")}\nsupervised upstart\n`,
  });
  await scene.until("it was stopped, as upstart wants it, and went on", () => {
    child.signal("SIGCONT");
    return child.log.lines.some((line) => line.includes("Ready to accept connections"));
  });
}

for (const kind of kinds) {
  sceneTest(`${kind}: a master cannot write its snapshot, and then hangs`, async (scene) => {
    const gone = join(scene.folder, "gone");
    mkdirSync(gone);
    const master = await scene.redis({ config: [`dir ${gone}`] });
    rmSync(gone, { recursive: true });
    const config = [`sentinel monitor mymaster 127.0.0.1 ${master.port} 1`];
    const node = await scene.sentinel({ kind, config });
    const at = ["--at", node.address];
    const early = await codesOf(kind, at);
    assert.ok(!early.includes("MASTER_SILENT") && !early.includes("PERSISTENCE_FAILS"));
    await master.call("BGSAVE");
    const isFailing = async () => (await codesOf(kind, at)).includes("PERSISTENCE_FAILS");
    // A C Sentinel asks for INFO each ten seconds.
    await scene.until("its snapshot is told", isFailing, 40_000);
    master.freeze();
    const isTold = async () => (await codesOf(kind, at)).includes("MASTER_SILENT");
    await scene.until("it is told", isTold);
    const overview = await runConsole(["status", ...at]);
    assert.match(
      overview.stdout,
      /\n {2}! the master has not answered for .*, and is down at 30 s\n/,
    );
    master.thaw();
  });

  sceneTest(`${kind}: a replica is watched as if it were the master`, async (scene) => {
    const master = await scene.redis();
    const replica = await scene.redis({ master });
    const config = [`sentinel monitor mymaster 127.0.0.1 ${replica.port} 1`];
    const node = await scene.sentinel({ kind, config });
    const at = ["--at", node.address];
    // A C Sentinel asks for INFO each ten seconds.
    const isTold = async () => (await codesOf(kind, at)).includes("MASTER_IS_REPLICA");
    await scene.until("it is told", isTold, 40_000);
    const overview = await runConsole(["status", ...at]);
    assert.match(overview.stdout, /\n {2}!! the master says that it is a replica\n/);
    const why = await runConsole(["explain", ...at]);
    assert.match(why.stdout, /MASTER_IS_REPLICA .* and has none that could take over\n/);
  });

  sceneTest(`${kind}: settings that differ, servers that are set wrong`, async (scene) => {
    const own = ACL_LINES.find((line) => line.startsWith("user check "));
    assert.ok(own);
    const users = [
      own.replace("SECRET", ofCheck),
      `user default on >${admin.password} ~* &* +@all`,
      `user sentinel on >${secret} &* -@all +@all -config|rewrite`,
    ];
    const master = await scene.redis({
      config: [...users, 'rename-command SCRIPT ""', `requirepass ${admin.password}`],
      credentials: admin,
    });
    const follow = [...users, `masterauth ${admin.password}`, "replica-priority 0"];
    const port = await scene.port();
    const proxy = await RewritingProxy.listen(port, (bytes) =>
      bytes
        .replace("redis_version:7.0.15", "redis_version:6.2.16")
        .replace(/(\*2\r\n\$10\r\n1)\d/, "$19"),
    );
    const replica = scene.spawn({
      name: "replica",
      command: ["redis-server", "-"],
      input: [
        ...[`port ${port}`, "bind 127.0.0.1", 'save ""', `replica-announce-port ${proxy.port}`],
        ...[`replicaof 127.0.0.1 ${master.port}`, "replica-read-only no", ...follow, ""],
      ].join("\n"),
    });
    const other = await scene.port();
    await supervised(scene, [
      ...[`port ${other}`, "bind 127.0.0.1", 'save ""', `replicaof 127.0.0.1 ${master.port}`],
      ...follow,
    ]);
    const monitor = (quorum: number, extraMs: number) => [
      `sentinel monitor mymaster 127.0.0.1 ${master.port} ${quorum}`,
      "sentinel auth-user mymaster sentinel",
      `sentinel auth-pass mymaster ${secret}`,
      `sentinel down-after-milliseconds mymaster ${20_000 + extraMs}`,
      `sentinel failover-timeout mymaster ${30_000 + extraMs}`,
    ];
    const first = await scene.sentinel({ kind, config: monitor(5, 0) });
    const second = await scene.sentinel({ kind, config: monitor(2, 100) });
    for (const node of [first, second]) {
      await node.call("SENTINEL", "DEBUG", "info-period", "200", "publish-period", "200");
      await scene.until(`${node.name} knows all`, knows(node, 2, 1));
    }
    const file = join(scene.folder, "secret");
    writeFileSync(file, `${ofCheck}\n`, { mode: 0o600 });
    const words = ["--conf", first.file, "--servers-user", "check", "--servers-auth-file", file];
    includes(await codesOf(kind, words), [
      ...["QUORUM_ABOVE_SENTINELS", "QUORUM_DIFFERS", "DOWN_AFTER_DIFFERS", "TIMEOUT_DIFFERS"],
      ...["TWO_SENTINELS", "NO_FIT_REPLICA", "ALL_PRIORITY_0", "MIN_REPLICAS_OFF"],
      ...["MASTERAUTH_MISSING", "REPLICA_WRITABLE", "COMMAND_RENAMED", "ACL_GAP"],
      ...["VERSION_OLDER_THAN_MASTER", "NO_PERSISTENCE_AND_RESTART", "CLOCK_SKEW"],
    ]);

    replica.signal("SIGSTOP");
    await master.call("SET", "key", "v".repeat(3_000_000));
    await scene.until("the lag is told", async () => (await codesOf(kind, words)).includes("LAG"));
    await master.call("ACL", "SETUSER", "default", "-psync", "-sync");
    await master.call("CLIENT", "KILL", "TYPE", "replica");
    await scene.until("a lost master is told", async () =>
      (await codesOf(kind, words)).includes("REPLICA_LINK_DOWN"),
    );
    await second.call("SENTINEL", "DEBUG", "tilt-trigger", "200");
    await scene.until("a Sentinel that stood still is told", async () => {
      second.freeze();
      await new Promise((resolve) => setTimeout(resolve, STANDSTILL_MS));
      second.thaw();
      return (await codesOf(kind, words)).includes("TILT");
    });
    if (kind === "ours") {
      await first.call("SENTINEL", "PAUSE", "mymaster", "60", "work");
      includes(await codesOf(kind, words), ["PAUSED"]);
    }
    proxy.close();
  });

  sceneTest(`${kind}: Sentinels that do not hear each other`, async (scene) => {
    const deaf = { config: ['rename-command PUBLISH ""'] };
    const master = await scene.redis(deaf);
    const replica = await scene.redis({ ...deaf, master });
    const stranger = await scene.redis();
    const dead = await scene.port();
    await stranger.call("SET", "key", "value");
    const id = "12345".repeat(8);
    const common = (port: number) => [
      ...["sentinel resolve-hostnames yes", "sentinel announce-hostnames yes"],
      `sentinel myid ${id}`,
      `sentinel monitor mymaster 127.0.0.1 ${port} 2`,
      "sentinel down-after-milliseconds mymaster 1000",
    ];
    const first = await scene.sentinel({ kind, config: common(master.port) });
    const peers = ["a", "b", "c"].map(
      (one) =>
        `sentinel known-sentinel mymaster 10.255.255.${one === "c" ? 2 : 1} 26379 ${one.repeat(40)}`,
    );
    const second = await scene.sentinel({
      kind,
      config: [
        ...common(replica.port),
        ...["sentinel config-epoch mymaster 7", "sentinel current-epoch 7", ...peers],
        `sentinel known-replica mymaster nowhere.invalid ${dead}`,
        `sentinel known-replica mymaster 127.0.0.1 ${stranger.port}`,
      ],
    });
    await scene.until("the dead are down", async () => {
      const all = [...(await second.replicas()), ...(await second.sentinels())];
      return all.filter((row) => row["s-down-time"] !== undefined).length >= 4;
    });
    const at = [first, second].map(({ address }) => address).join(",");
    const words = ["--at", at, "--servers", "--ghost-after", "1ms", "--timeout", "1s"];
    includes(await codesOf(kind, words), [
      ...["MASTER_DIFFERS", "EPOCH_DIFFERS", "MAJORITY_DIFFERS", "SAME_MYID", "SAME_ADDRESS"],
      ...["NO_QUORUM", "NO_MAJORITY", "EVEN_SENTINELS", "GHOST_SENTINEL", "GHOST_REPLICA"],
      ...["MASTER_IS_LOOPBACK", "NAME_UNRESOLVED", "HOSTNAMES_MIXED", "FOREIGN_HISTORY"],
      ...["COMMAND_RENAMED", ...(kind === "c" ? ["SHORT_DOWN_AFTER_WITH_C"] : [])],
    ]);
    await replica.kill();
    await scene.until("the master is down", async () =>
      (await codesOf(kind, words)).includes("MASTER_DOWN"),
    );
    if (kind === "ours") {
      rmSync(second.folder, { recursive: true });
      await second.call("SENTINEL", "SET", "mymaster", "quorum", "1").catch(String);
      includes(await codesOf(kind, words), ["CANNOT_VOTE"]);
    }
  });

  sceneTest(`${kind}: a certificate that ends soon`, async (scene) => {
    const { certificate, tls, config } = certificates(scene.folder);
    const master = await scene.redis({ tls: true, config, credentials: { tls } });
    const monitor = [`sentinel monitor mymaster 127.0.0.1 ${master.port} 1`, ...config];
    const node = await scene.sentinel({ kind, config: monitor, tls: true, credentials: { tls } });
    includes(await codesOf(kind, ["--conf", node.file]), ["CERT_EXPIRES_SOON"]);
    const { stdout } = await runConsole(["status", "--at", node.address, "--cacert", certificate]);
    assert.match(stdout, /^mymaster {2}127\.0\.0\.1:/);
    const untrusted = await runConsole(["status", "--at", node.address, "--tls"]);
    assert.equal(untrusted.status, 3);
    assert.match(untrusted.stderr, /self.signed certificate/i);
  });

  sceneTest(
    `${kind}: a good set-up gives nothing`,
    async (scene) => {
      const servers = { config: practice("redis-master.conf"), credentials: { password: "redis" } };
      const master = await scene.redis(servers);
      const copies = [scene.redis({ ...servers, master }), scene.redis({ ...servers, master })];
      await Promise.all(copies);
      const config = [
        `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
        ...practice("sentinel.conf"),
        // What is short enough for ours is too short for C.
        ...(kind === "c" ? ["sentinel down-after-milliseconds mymaster 3000"] : []),
      ];
      const nodes = await Promise.all([1, 2, 3].map(() => scene.sentinel({ kind, config })));
      for (const node of nodes) {
        await node.call("SENTINEL", "DEBUG", "info-period", "200", "publish-period", "200");
        await scene.until(`${node.name} knows all`, knows(node, 2, 2));
      }
      const [first] = nodes;
      assert.ok(first);
      await scene.until("nothing is found", async () => {
        const { stdout, status } = await runConsole(["check", "--conf", first.file]);
        return (
          status === 0 && stdout === "mymaster  nothing found\n1 master, 0 critical, 0 warnings\n"
        );
      });

      // What a planned switch sets for a while, and has left.
      const [copy] = await Promise.all(copies);
      await master.call("CONFIG", "SET", "min-replicas-to-write", "1000000002");
      await copy?.call("CONFIG", "SET", "replica-priority", "1000000040");
      const wereSo = [/min-replicas-to-write was 2\n/, / priority 1000000040, and had 40 before/];
      await scene.until("what was left is told", async () => {
        await codesOf(kind, ["--conf", first.file]);
        const { stdout } = await runConsole(["check", "--conf", first.file], { COLUMNS: "300" });
        return wereSo.every((text) => text.test(stdout));
      });
      // And who is down.
      await copy?.kill();
      await nodes[2]?.kill();
      await scene.until("who is down is told", async () => {
        const codes = await codesOf(kind, ["--conf", first.file]);
        return codes.includes("SENTINEL_DOWN") && codes.includes("REPLICA_DOWN");
      });
    },
    { timeoutMs: 180_000 },
  );
}

test("each code was seen, with ours and with C", () => {
  const ofOurs = new Set(["PAUSED", "CANNOT_VOTE", "WEBHOOK_DEAD"]);
  const codes = Object.keys(CODES);
  const missing = (kind: SentinelKind) => codes.filter((code) => !seen[kind].has(code));
  // That of a dead webhook takes a minute: dead-hook.test.ts.
  assert.deepEqual(missing("ours"), ["WEBHOOK_DEAD", "SHORT_DOWN_AFTER_WITH_C"]);
  assert.deepEqual(
    missing("c").filter((code) => !ofOurs.has(code)),
    [],
  );
});

/** Lines of an example, without those that every test sets itself. */
function practice(file: string): string[] {
  const except = /^(port|bind|dir|sentinel monitor) /;
  const lines = readFileSync(join(root, "conf", "practice", file), "utf8").split("\n");
  return lines.filter((line) => /^[a-z]/.test(line) && !except.test(line));
}

function certificates(folder: string) {
  const [certificate, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  const options = ["-newkey", "rsa:2048", "-nodes", "-days", "5", "-subj", "/CN=127.0.0.1"];
  const args = ["req", "-x509", ...options, "-keyout", key, "-out", certificate];
  execFileSync("openssl", args, { stdio: "ignore" });
  const pem = readFileSync(certificate);
  const tls = { ca: pem, cert: pem, key: readFileSync(key), checkServerIdentity: () => undefined };
  const config = [
    ...[`tls-cert-file ${certificate}`, `tls-key-file ${key}`, `tls-ca-cert-file ${certificate}`],
    ...["tls-replication yes", "tls-auth-clients no"],
  ];
  return { certificate, tls, config };
}
