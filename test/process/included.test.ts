import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeText } from "../support/files.ts";
import { sceneTest } from "../support/scene.ts";
import { sentinelCommand } from "../support/sentinel-node.ts";

// A C Sentinel copies included files into the main one, and does not start again [D-INCLUDED].

sceneTest(
  "a monitor line, users and secrets in an included file: each starts on what ours left",
  async (scene) => {
    const master = await scene.redis();
    const included = [
      `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
      "sentinel auth-pass mymaster none",
      "sentinel down-after-milliseconds mymaster 5000",
      "user watcher on >w ~* &* +@all",
    ];
    const inc = writeText(scene.folder, "inc.conf", included);
    const node = await scene.sentinel({ config: [`include ${inc}`] });
    await scene.until("the file is saved", () => node.configText.includes("sentinel myid"));
    await node.call("SENTINEL", "FLUSHCONFIG");
    const before = node.configText;
    assert.doesNotMatch(before, /monitor|auth-pass|down-after|watcher/);

    await node.restart("ours");
    assert.equal((await node.master())["down-after-milliseconds"], "5000");
    assert.match(String(await node.call("ACL", "GETUSER", "watcher")), /on/);
    await node.restart("c");
    assert.equal((await node.master())["down-after-milliseconds"], "5000");

    // What C has made of it stops C, but not ours.
    await node.call("SENTINEL", "FLUSHCONFIG");
    assert.match(node.configText, /^user watcher /m);
    await node.restart("ours");
    assert.equal((await node.master())["down-after-milliseconds"], "5000");
    assert.equal(readFileSync(inc, "utf8"), `${included.join("\n")}\n`);
  },
);

sceneTest("a new password in the included file counts at the next start", async (scene) => {
  const inc = writeText(scene.folder, "inc.conf", ["requirepass old"]);
  const credentials = { password: "old" };
  const node = await scene.sentinel({
    credentials,
    config: ["sentinel monitor m 127.0.0.1 1 1", `include ${inc}`],
  });
  await node.call("SENTINEL", "FLUSHCONFIG");
  writeText(scene.folder, "inc.conf", ["requirepass new"]);
  node.setCredentials({ password: "new" });
  await node.restart();
  assert.equal(await node.call("PING"), "PONG");
});

sceneTest(
  "REMOVE of a master whose options stand in an included file: saves go on, and the next start is said",
  async (scene) => {
    const options = ["sentinel down-after-milliseconds m 5000", "sentinel auth-pass m s3cret"];
    const inc = writeText(scene.folder, "inc.conf", options);
    const node = await scene.sentinel({
      config: ["sentinel monitor m 127.0.0.1 1 1", `include ${inc}`],
    });
    assert.equal(await node.call("SENTINEL", "REMOVE", "m"), "OK");
    await node.child.log.waitFor(
      /# WARNING: master 'm' was removed, .* a C Sentinel would not start/,
    );
    assert.equal(await node.call("SENTINEL", "FLUSHCONFIG"), "OK");
    assert.equal(await node.call("SENTINEL", "MONITOR", "n", "127.0.0.1", "2", "1"), "OK");
    assert.match(node.configText, /^sentinel monitor n /m);
    assert.doesNotMatch(node.child.log.lines.join("\n"), /s3cret/);

    await node.restart();
    assert.equal(await node.masterAddress("m"), null);
    assert.equal(await node.masterAddress("n"), "127.0.0.1:2");
    await node.child.log.waitFor(/WARNING: .*inc\.conf, line 1: no master 'm' is watched/);
    await node.stop();

    // The same steps leave a C Sentinel with such a file, and it refuses it.
    const c = scene.spawn({ name: "c", command: [...sentinelCommand("c"), node.file] });
    assert.equal((await c.exited).code, 1);
    assert.match(c.log.lines.join("\n"), /No such master with specified name/);
  },
);

sceneTest(
  "names of hosts in an included file stay there, and each starts on what ours left",
  async (scene) => {
    const master = await scene.redis();
    const replica = await scene.redis({ master });
    const inc = writeText(scene.folder, "inc.conf", [
      "sentinel resolve-hostnames yes",
      `sentinel monitor mymaster localhost ${master.port} 1`,
      `sentinel known-replica mymaster localhost ${replica.port}`,
      `sentinel known-sentinel mymaster localhost 1 ${"e".repeat(40)}`,
    ]);
    const node = await scene.sentinel({ config: [`include ${inc}`] });
    const isFound = async () => (await node.masterAddress()) === master.address;
    await scene.until("the name is resolved", isFound);
    assert.equal(await node.call("SENTINEL", "FLUSHCONFIG"), "OK");
    assert.doesNotMatch(node.configText, /sentinel (monitor|known)/);

    await node.restart("c");
    assert.equal(await node.masterAddress(), master.address);
    await node.restart("ours");
    await scene.until("the name is resolved again", isFound);
    await node.call("SENTINEL", "SET", "mymaster", "quorum", "2");
    assert.match(node.configText, /sentinel monitor mymaster 127\.0\.0\.1 \d+ 2/);
  },
);
