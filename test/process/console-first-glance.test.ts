import assert from "node:assert/strict";
import { startCluster } from "../support/cluster.ts";
import { runConsole } from "../support/console.ts";
import { sceneTest } from "../support/scene.ts";

// Troubles that look like others at first: what is told is the one that is there.

for (const kind of ["ours", "c"] as const) {
  sceneTest(`${kind}: who has not the master's password knows no other Sentinel`, async (scene) => {
    const credentials = { password: "of-the-master" };
    const config = [`requirepass ${credentials.password}`];
    const master = await scene.redis({ config, credentials });
    const monitor = [
      `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
      "sentinel down-after-milliseconds mymaster 1000",
    ];
    const first = await scene.sentinel({ kind, config: monitor });
    await scene.sentinel({ kind, config: monitor });
    const at = ["--at", first.address];
    let told = "";
    await scene.until("it is down", async () => {
      told = (await runConsole(["explain", ...at])).stdout;
      return told.includes(" is down; ");
    });
    assert.match(
      told,
      /is down; the quorum is 2, and 127\.0\.0\.1:\d+ knows no other Sentinel: they/,
    );
    assert.match(told, /\n {2}do: {3}mend what keeps it from asking .*SENTINEL SET auth-pass\n/);
    assert.doesNotMatch(told, /SET quorum/);
    let stdout = "";
    await scene.until("it is known to answer, and with errors", async () => {
      stdout = (await runConsole(["check", ...at])).stdout;
      return stdout.includes("answers PING with errors");
    });
    assert.match(stdout, /MASTER_DOWN\n.*\n {4}do: SENTINEL SET name auth-pass/);
    assert.match(stdout, /QUORUM_ABOVE_SENTINELS\n.*knows no other Sentinel.*\n.*mends nothing\n/);
  });

  sceneTest(`${kind}: a Sentinel that has another password is not to be started`, async (scene) => {
    const master = await scene.redis();
    const monitor = [
      `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
      "sentinel down-after-milliseconds mymaster 1000",
    ];
    const [first] = await Promise.all(
      ["one", "two"].map((password) => {
        const config = [
          ...monitor,
          `requirepass ${password}`,
          `sentinel sentinel-pass ${password}`,
        ];
        return scene.sentinel({ kind, config, credentials: { password } });
      }),
    );
    assert.ok(first);
    const at = ["--at", first.address];
    let stdout = "";
    await scene.until("the other one is down", async () => {
      stdout = (await runConsole(["check", ...at], { REDISCLI_AUTH: "one" })).stdout;
      return stdout.includes("SENTINEL_DOWN");
    });
    assert.match(stdout, /SENTINEL_DOWN\n.*WRONGPASS.*\n {4}do: give all Sentinels one password/);
    const { stderr, status } = await runConsole(["status", ...at]);
    assert.equal(status, 3);
    assert.match(stderr, /NOAUTH.*\n {2}their password is said by --auth-file FILE, REDISCLI_AUTH/);
  });

  sceneTest(`${kind}: an old master that is dead is not said to follow`, async (scene) => {
    // The quorum is never reached: the operator does what no Sentinel may.
    const options = { sentinels: [kind, kind, kind], quorum: 4 } as const;
    const { master, sentinels } = await startCluster(scene, options);
    const [first] = sentinels;
    assert.ok(first);
    await master.kill();
    let stdout = "";
    const takesOver = async () => {
      const run = await runConsole(["failover", "mymaster", "--yes", "--at", first.address]);
      stdout = run.stdout;
      return run.status === 0;
    };
    // By an INFO of the last five seconds, which C Sentinels have now and then.
    await scene.until("a replica takes over", takesOver, 40_000);
    const last = stdout.trimEnd().split("\n").at(-1) ?? "";
    assert.ok(
      last.endsWith(`${master.address} is down: it is told to follow when it is back`),
      last,
    );
    assert.doesNotMatch(stdout, /this Sentinel/);
    assert.match(stdout, /\n {2}\+\d+\.\d+ s {2}127\.0\.0\.1:\d+ begins it, without an election\n/);
    assert.doesNotMatch(stdout, /elected/);
    const past = await runConsole(["history", "--since", "1ms", "--at", first.address]);
    assert.equal(past.stdout, kind === "c" ? "nothing is known\n" : "nothing happened\n");
    assert.match(stdout, /\n {2}\+\d+\.\d+ s {2}127\.0\.0\.1:\d+ tells replica /);
  });
}
