import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConfigSource,
  createSentinel,
  loadConfig,
  rewriteConfig,
  seededRandom,
  verifyRewritten,
} from "../../src/index.ts";

const SOURCE: ConfigSource = {
  path: "sentinel.conf",
  text: "sentinel monitor mymaster 10.0.0.1 6379 2\n",
  appended: [],
  readFile: () => ({ ok: false, strerror: "No such file or directory" }),
  glob: () => [],
  isExecutable: () => true,
};

test("the library loads a file, runs the core and writes the file, without any process", () => {
  const loaded = loadConfig(SOURCE);
  assert.ok(loaded.ok);
  const { generic, server, sentinel: config } = loaded.config;
  const sentinel = createSentinel({
    config,
    process: { requirepass: null, listeningPort: server.port, logThreshold: server.loglevel },
    versions: { redis: "7.4.0", own: "1.2.3" },
    random: seededRandom(1),
    isExecutable: () => true,
    now: 0,
  });
  assert.equal(sentinel.step({ type: "start" }, 0).saveConfig, true);
  const tick = sentinel.step({ type: "tick" }, 100);
  const dialled = tick.effects.filter(({ type }) => type === "connect");
  assert.equal(dialled.length, 2);
  assert.match(sentinel.infoSection(100), /master0:name=mymaster,/);
  assert.equal(sentinel.view.sentinel(100).save.isOwed, true);
  assert.notEqual(sentinel.nextDueAt, null);

  const expected = sentinel.config();
  const text = rewriteConfig({
    oldText: SOURCE.text,
    generic,
    users: [],
    sentinel: expected,
    writtenAddresses: sentinel.writtenAddresses(),
    loglevel: "notice",
    workingDir: "/",
  });
  assert.match(text, /^sentinel monitor mymaster 10\.0\.0\.1 6379 2$/m);
  assert.equal(verifyRewritten({ path: SOURCE.path, text, expected, generic }), null);
});

test("nothing of the state can be reached through a Sentinel", () => {
  const loaded = loadConfig(SOURCE);
  assert.ok(loaded.ok);
  const sentinel = createSentinel({
    config: loaded.config.sentinel,
    process: { requirepass: null, listeningPort: 26379, logThreshold: "notice" },
    versions: { redis: "7.4.0", own: "1.2.3" },
    random: seededRandom(1),
    isExecutable: () => true,
    now: 0,
  });
  const reachable = [sentinel, sentinel.view].flatMap((one) =>
    Object.entries(one).filter(([, value]) => typeof value === "object"),
  );
  assert.deepEqual(
    reachable.map(([name]) => name),
    ["view"],
  );
});
