import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ACL_LINES } from "../../src/console/check/acl-lines.ts";
import { startCluster } from "../support/cluster.ts";
import { runConsole } from "../support/console.ts";
import { schemaMistakes } from "../support/json-schema.ts";
import { OURS } from "../support/launcher.ts";
import { root } from "../support/repository.ts";
import { sceneTest } from "../support/scene.ts";

// What `status` shows of a mixed quorum, and what it does when Sentinels do not answer.

const schemaOf = (name: string) =>
  JSON.parse(readFileSync(join(root, "docs", `${name}.schema.json`), "utf8"));

sceneTest("status of a quorum of ours and C, in calm and in trouble", async (scene) => {
  const secret = "of-all-sentinels";
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c", "c"],
    sentinelCredentials: { password: secret },
    sentinelConfig: () => [
      `requirepass ${secret}`,
      "sentinel down-after-milliseconds mymaster 3000",
    ],
    redis: { config: ["min-replicas-to-write 0"] },
  });
  const { master, sentinels, redises } = cluster;
  const [ours, second, third] = sentinels;
  assert.ok(ours && second && third);
  const auth = { REDISCLI_AUTH: secret };
  const file = join(scene.folder, "auth");
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });

  const text = await runConsole(["status", "mymaster", "--at", second.address], auth);
  assert.equal(text.stderr, "");
  assert.equal(text.status, 0);
  const lines = text.stdout.split("\n");
  const head = `mymaster  ${master.address}  OK  epoch 0  quorum 2 of 3, 3 usable, majority 2`;
  assert.equal(lines[0], head);
  assert.match(text.stdout, / {2}master +\S+ +up +- +7\.\S+ +0 keys {2}history [0-9a-f]{6}\n/);
  assert.equal(text.stdout.match(/^ {2}replica .* fit /gm)?.length, redises.length - 1);
  assert.equal(text.stdout.match(/next in line$/gm)?.length, 1);
  assert.equal(text.stdout.match(/redis-sentinel-ts \d/g)?.length, 1);
  assert.equal(text.stdout.match(/^ {2}sentinel .* up +says \S+ epoch 0 {2}redis 7/gm)?.length, 2);
  assert.match(text.stdout, new RegExp(`^  sentinel  ${second.address}.*\\(asked\\)$`, "m"));

  const narrow = await runConsole(["status", "--conf", ours.file], { COLUMNS: "50" });
  assert.equal(narrow.status, 0, "the password is in the file");
  for (const line of narrow.stdout.split("\n")) assert.ok(line.length <= 50, line);

  for (const name of ["status", "check"]) {
    const json = await runConsole([name, "--json", "--at", ours.address, "--auth-file", file]);
    assert.deepEqual(schemaMistakes(JSON.parse(json.stdout), schemaOf(name)), []);
    assert.ok(!json.stdout.includes(secret));
  }

  const nagios = await runConsole(["status", "--nagios", "--at", ours.address], auth);
  assert.match(
    nagios.stdout,
    /^SENTINEL OK - mymaster 127\.0\.0\.1:\d+, 3\/3 sentinels, 2\/2 replicas fit \| lag=\d+B;1048576;10485760;0 usable=3;;;0;3\n$/,
  );

  chmodSync(file, 0o644);
  const open = await runConsole(["status", "--at", ours.address, "--auth-file", file]);
  assert.equal(open.status, 3);
  assert.match(open.stderr, /may be read by others: run {2}chmod 600/);
  const wrong = await runConsole(["status", "--at", `${ours.address},${second.address}`], {
    REDISCLI_AUTH: "not-it",
  });
  assert.equal(wrong.status, 3);
  assert.match(wrong.stderr, /no Sentinel answers\n( {2}127\.0\.0\.1:\d+: WRONGPASS .*\n){2}$/);
  assert.ok(!wrong.stderr.includes("not-it"));

  // One that hangs costs the time that was given, and is a row.
  third.freeze();
  const before = performance.now();
  const hung = await runConsole(["status", "--at", ours.address, "--timeout", "2s"], auth);
  assert.ok(performance.now() - before < 20_000);
  assert.match(hung.stdout, new RegExp(`sentinel  ${third.address} .*no answer`));
  third.thaw();

  await master.kill();
  await scene.until("the switch is shown", async () => {
    const { stdout } = await runConsole(["status", "--at", second.address], auth);
    return !stdout.startsWith(`mymaster  ${master.address} `) && /epoch [1-9]/.test(stdout);
  });
  await scene.until("the journal tells of it", async () => {
    const { stdout } = await runConsole(["status", "--at", second.address], auth);
    return / last failover \S+ m?s ago, \S+ m?s after detection \(journal \d+\)$/m.test(stdout);
  });
  const after = await runConsole(["status", "--json", "--at", ours.address], auth);
  assert.deepEqual(schemaMistakes(JSON.parse(after.stdout), schemaOf("status")), []);
});

sceneTest(
  "the user that check prints may ask all that is asked, and do nothing else",
  async (scene) => {
    const printed = ACL_LINES.find((line) => line.startsWith("user console "));
    const alsoOurs = ACL_LINES.find((line) => line.startsWith("# At a Sentinel of ours also: "));
    assert.ok(printed && alsoOurs);
    const secret = "of-the-console";
    const rules = printed.replace("SECRET", secret);
    const cluster = await startCluster(scene, {
      sentinels: ["c", "ours", "c"],
      sentinelConfig: (at) => [at === 1 ? `${rules} ${alsoOurs.split(": ")[1]}` : rules],
    });
    const [first] = cluster.sentinels;
    const words = ["--user", "console", "--json", "--at", first?.address ?? ""];
    const env = { REDISCLI_AUTH: secret };
    const checked = await runConsole(["check", ...words], env);
    const { unchecked, findings } = JSON.parse(checked.stdout) as Record<string, unknown[]>;
    assert.deepEqual([unchecked, findings], [[], []]);
    const { asked } = JSON.parse((await runConsole(["status", ...words], env)).stdout) as {
      asked: { error: string | null }[];
    };
    assert.deepEqual(
      asked.map(({ error }) => error),
      [null, null, null],
    );
    const watching = scene.spawn({ name: "watch", command: [...OURS, "watch", ...words], env });
    await scene.until("it hears", async () => {
      await first?.call("SENTINEL", "SET", "mymaster", "parallel-syncs", "1");
      return watching.log.lines.some((line) => line.includes('"+set"'));
    });
    for (const node of cluster.sentinels) {
      assert.deepEqual(await node.call("ACL", "LOG"), [], `${node.name} refused something`);
    }
  },
);

sceneTest("what is no Sentinel, or not there, is told", async (scene) => {
  const server = await scene.redis();
  const dead = await scene.port();
  const { status, stderr } = await runConsole([
    "status",
    "--at",
    `${server.address},127.0.0.1:${dead}`,
  ]);
  assert.equal(status, 3);
  assert.equal(
    stderr,
    `redis-sentinel-ts status: no Sentinel answers\n  ${server.address}: it is no Sentinel\n  127.0.0.1:${dead}: Connection refused\n`,
  );
  // By a name server or without one: no word of the look-up's own language.
  const nameless = await runConsole(["status", "--at", "no-such.invalid", "--timeout", "20s"]);
  assert.match(
    nameless.stderr,
    /no-such\.invalid:26379: (its name has no address|the name server does not answer)\n$/,
  );
  for (const words of [["--foo"], ["a", "b"], ["--timeout", "soon"], ["--at", "x:y"]]) {
    assert.equal((await runConsole(["status", ...words])).status, 3, words.join(" "));
  }
  const node = await scene.sentinel({
    config: [`sentinel monitor mymaster 127.0.0.1 ${server.port} 1`],
  });
  const unknown = await runConsole(["status", "other\u001b[31m", "--at", node.address]);
  assert.equal(unknown.status, 3);
  assert.match(unknown.stderr, /watches a master 'other\\x1b\[31m'\n$/);
});
