import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConfigSource,
  createState,
  infoSection,
  loadConfig,
  rewriteConfig,
  Sentinel,
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
  const settings = { requirepass: null, listeningPort: server.port, logThreshold: server.loglevel };
  const random = seededRandom(1);
  const sentinel = new Sentinel(createState(config, settings, random, 0), random, () => true);
  assert.equal(sentinel.step({ type: "start" }, 0).saveConfig, true);
  const tick = sentinel.step({ type: "tick" }, 100);
  const dialled = tick.effects.filter(({ type }) => type === "connect");
  assert.equal(dialled.length, 2);
  assert.match(infoSection(sentinel.state, 100), /master0:name=mymaster,/);

  const expected = sentinel.config();
  const text = rewriteConfig({
    oldText: SOURCE.text,
    generic,
    users: [],
    sentinel: expected,
    loglevel: "notice",
    workingDir: "/",
  });
  assert.match(text, /^sentinel monitor mymaster 10\.0\.0\.1 6379 2$/m);
  assert.equal(verifyRewritten({ path: SOURCE.path, text, expected, generic }), null);
});
