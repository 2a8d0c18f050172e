import assert from "node:assert/strict";
import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../packaging/run.ts";
import { RespClient } from "../../support/resp-client.ts";
import { type Scene, sceneTest } from "../../support/scene.ts";
import { DEB, VERSION } from "../artefacts.ts";
import { debian } from "../debian.ts";

// The Debian package in a Debian of its own.

const CONF = "etc/redis/sentinel.conf";
const LATER = `${VERSION}.1`;

sceneTest(
  "it is installed, started, upgraded, removed and purged in a Debian of its own",
  async (scene) => {
    const tree = debianWithPackages(scene);
    const conf = join(tree, CONF);
    const inside = (...words: readonly string[]) => run(["chroot", tree, ...words]);
    const apt = (...words: readonly string[]) =>
      inside("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy", ...words);
    const state = () => inside("dpkg-query", "-W", "-f", STATE_AND_CONFFILES, "redis-sentinel-ts");

    apt("install", "--no-install-recommends", "/tmp/first.deb");
    assert.equal(state(), `installed ${VERSION} ()`);
    const redis = Number(inside("id", "-u", "redis"));
    const { uid, mode } = statSync(conf);
    assert.deepEqual([uid, mode & 0o777], [redis, 0o640]);
    // Nothing was enabled.
    assert.equal(inside("find", "/etc", "-name", "*sentinel*"), `/${CONF}\n`);
    await starts(scene, tree);
    const used = readFileSync(conf, "utf8");
    assert.match(used, /^sentinel myid [0-9a-f]{40}$/m);

    inside("dpkg", "--install", "/tmp/second.deb");
    assert.equal(state(), `installed ${LATER} ()`);
    assert.equal(readFileSync(conf, "utf8"), used);

    apt("remove", "redis-sentinel-ts");
    assert.equal(readFileSync(conf, "utf8"), used);
    assert.equal(existsSync(join(tree, "usr/lib/redis-sentinel-ts")), false);
    apt("purge", "redis-sentinel-ts");
    const left = inside(
      "find",
      "/",
      "-xdev",
      "-name",
      "*sentinel*",
      "-not",
      "-path",
      "/usr/share/*",
    );
    assert.equal(left, "");
    assert.equal(existsSync(join(tree, "etc/redis")), false);

    // The file of another Sentinel is taken over, and never removed.
    inside("install", "-d", "/etc/redis");
    writeFileSync(conf, used);
    chownSync(conf, redis, redis);
    inside("dpkg", "--install", "/tmp/first.deb");
    inside("dpkg", "--purge", "redis-sentinel-ts");
    assert.equal(readFileSync(conf, "utf8"), used);
  },
  { timeoutMs: 400_000 },
);

// biome-ignore lint/suspicious/noTemplateCurlyInString: a format of dpkg-query
const STATE_AND_CONFFILES = "${db:Status-Status} ${Version} (${Conffiles})";

function debianWithPackages(scene: Scene): string {
  const tree = debian(scene, ["adduser", "nodejs"]);
  run(["cp", DEB, join(tree, "tmp", "first.deb")]);
  // The next version of it.
  const next = scene.subfolder("next");
  run(["dpkg-deb", "--raw-extract", DEB, next]);
  const control = join(next, "DEBIAN", "control");
  writeFileSync(
    control,
    readFileSync(control, "utf8").replace(/^Version: .*$/m, `Version: ${LATER}`),
  );
  run(["dpkg-deb", "--root-owner-group", "--build", next, join(tree, "tmp", "second.deb")]);
  return tree;
}

/** As the unit does it: as redis, on the file that the package made. */
async function starts(scene: Scene, tree: string): Promise<void> {
  const port = await scene.port();
  const program = ["redis-sentinel-ts", `/${CONF}`, "--port", `${port}`, "--bind", "127.0.0.1"];
  const command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--", "sh", "-ec"];
  const script = `mount -t proc none ${tree}/proc; exec chroot --userspec=redis:redis ${tree} "$@"`;
  const child = scene.spawn({
    name: "of the package",
    command: [...command, script, "sh", ...program],
  });
  const client = await scene.until("it answers", () => RespClient.open({ port }));
  assert.equal(await client.call("SENTINEL", "FLUSHCONFIG"), "OK");
  // Both have files of their own beside it.
  await client.call("SENTINEL", "PAUSE", "*", "60", "for the test");
  for (const more of ["extra", "journal"]) {
    await scene.until(more, () => existsSync(join(tree, `${CONF}.${more}`)));
  }
  await client.call("SHUTDOWN").catch(String);
  assert.equal((await child.exited).code, 0);
}
