import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { read } from "../../support/repository.ts";
import { type Scene, sceneTest } from "../../support/scene.ts";
import { DEB } from "../artefacts.ts";
import { childrenOf } from "../namespaces.ts";
import { recipe } from "../recipe.ts";

// The units under a systemd that was booted for it: this machine's files below a layer that is thrown away, in
// namespaces of its own, with Debian's redis-server and redis-sentinel beside ours on their usual ports.

const UNIT = "redis-sentinel-ts";
const FILE = "port 26379\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 6379 1\n";

sceneTest("systemd runs the unit in the place of Debian's redis-sentinel", async (scene) => {
  const { inside, output } = await boot(scene);
  inside("systemctl", "start", "redis-server", "redis-sentinel");
  const ask = (...words: readonly string[]) => output("redis-cli", "-p", "26379", ...words);
  const id = ask("SENTINEL", "MYID");
  assert.match(id, /^[0-9a-f]{40}\n$/);

  // It returns when the service has told that it is ready.
  inside("sh", "-exc", recipe("docs/migrate.md", "One of three first"));
  assert.match(ask("INFO", "server"), /^redis_sentinel_ts_version:/m);
  assert.equal(ask("SENTINEL", "MYID"), id);
  await scene.until("it has found the master", () => ask("SENTINEL", "MASTERS").includes("runid"));
  const show = (property: string) => output("systemctl", "show", "-P", property, UNIT).trim();
  assert.equal(ask("SENTINEL", "FLUSHCONFIG"), "OK\n");

  const first = show("MainPID");
  inside("systemctl", "reload", UNIT);
  // Where Debian's file says.
  const log = () => output("cat", "/var/log/redis/redis-sentinel.log");
  await scene.until("it has read its files again", () => /SIGHUP/.test(log()));
  assert.equal(show("MainPID"), first);

  inside("kill", "-9", first);
  await scene.until("it is started again", () => !["0", first].includes(show("MainPID")));
  await scene.until("it is the same one", () => ask("SENTINEL", "MYID") === id);

  inside("sh", "-exc", recipe("docs/migrate.md", "Back"));
  assert.equal(show("Result"), "success");
  assert.match(log(), /ready to exit, bye bye/);
  await scene.until("C goes on with the file", () => ask("SENTINEL", "MYID") === id);
});

sceneTest(
  "with the drop-in for Valkey's file the unit needs nothing of Redis' packages",
  async (scene) => {
    const { inside, output } = await boot(scene);
    const [, dropIn = ""] =
      /^```\n(\[Service\]\n[\s\S]*?)^```$/m.exec(read("docs/migrate.md")) ?? [];
    assert.match(dropIn, /^User=valkey$/m);
    const folder = `/etc/systemd/system/${UNIT}.service.d`;
    const script = [
      "adduser --system --group --no-create-home valkey",
      "rm -r /etc/redis && mkdir /etc/valkey",
      'printf %s "$2" > /etc/valkey/sentinel.conf',
      "chown -R valkey:valkey /etc/valkey",
      `mkdir -p ${folder}`,
      `printf %s "$1" > ${folder}/override.conf`,
      "systemctl daemon-reload",
      `systemctl start ${UNIT}`,
    ];
    inside("sh", "-exc", script.join("\n"), "sh", dropIn, FILE);
    assert.equal(output("redis-cli", "-p", "26379", "SENTINEL", "FLUSHCONFIG"), "OK\n");
    assert.match(output("cat", "/etc/valkey/sentinel.conf"), /^sentinel myid [0-9a-f]{40}$/m);
  },
);

sceneTest("the drop-in hands the master over before redis-server is stopped", async (scene) => {
  const { inside, output } = await boot(scene);
  inside("sh", "-exc", recipe("docs/operations.md", "When the server's unit is stopped"));
  inside("systemctl", "start", "redis-server", UNIT);
  const options = ["--port", "6390", "--replicaof", "127.0.0.1", "6379", "--dir", "/tmp"];
  inside("systemd-run", "--unit=replica", "redis-server", ...options);
  const ask = (...words: readonly string[]) => output("redis-cli", "-p", "26379", ...words);
  assert.equal(ask("SENTINEL", "SET", "mymaster", "quorum", "1"), "OK\n");
  await scene.until("a replica is fit", () => {
    const plan = ask("SENTINEL", "FAILOVER", "mymaster", "COORDINATED", "DRYRUN");
    return plan.includes("127.0.0.1:6390") && !plan.includes("NOGOOD");
  });
  assert.equal(output("redis-cli", "SET", "last", "word"), "OK\n");
  inside("systemctl", "stop", "redis-server");
  const journal = output("journalctl", "--no-pager", "-u", "redis-server");
  assert.equal(
    ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"),
    "127.0.0.1\n6390\n",
    journal,
  );
  assert.equal(output("redis-cli", "-p", "6390", "GET", "last"), "word\n");
  assert.match(journal, /the master is 127\.0\.0\.1:6390, and 127\.0\.0\.1:6379 follows it/);
});

interface Machine {
  /** Runs a program that must succeed. */
  readonly inside: (...command: readonly string[]) => void;
  /** What a program says, however it ends. */
  readonly output: (...command: readonly string[]) => string;
}

async function boot(scene: Scene): Promise<Machine> {
  const root = `${scene.folder}/layers/root`;
  const script = [
    "mount --make-rprivate /",
    `mkdir ${scene.folder}/layers`,
    // In memory: nothing is left of it, and an overlay cannot lie on another one.
    `mount -t tmpfs none ${scene.folder}/layers`,
    `cd ${scene.folder}/layers`,
    "mkdir upper work root",
    "mount -t overlay none -o lowerdir=/,upperdir=upper,workdir=work root",
    `mount -t proc none ${root}/proc`,
    `mount -t sysfs -o ro none ${root}/sys`,
    `mount --rbind /dev ${root}/dev`,
    ...["run", "tmp", "sys/fs/cgroup"].map((path) => `mount -t tmpfs none ${root}/${path}`),
    `mkdir ${root}/sys/fs/cgroup/systemd`,
    `mount -t cgroup -o none,name=systemd none ${root}/sys/fs/cgroup/systemd`,
    `dpkg-deb --extract ${DEB} ${root}`,
    // Where a service finds it, whoever installed it here.
    `[ -e ${root}/usr/bin/node ] || cp ${process.execPath} ${root}/usr/bin/node`,
    // Not chroot: units with PrivateUsers are refused below one.
    "mkdir root/before && cd root && pivot_root . before && umount -l before",
    "exec env -i container=lxc PATH=$PATH /lib/systemd/systemd --unit=basic.target",
  ];
  const namespaces = ["--mount", "--pid", "--uts", "--ipc", "--net", "--fork", "--kill-child"];
  const command = ["unshare", ...namespaces, "--", "sh", "-ec", script.join("\n")];
  const machine = scene.spawn({ name: "systemd", command });
  const run = (...words: readonly string[]) => {
    const [pid = 0] = childrenOf(machine.pid);
    const place = ["--target", `${pid}`, "--mount", "--pid", "--uts", "--ipc", "--net", "--root"];
    return spawnSync("nsenter", [...place, "--", ...words], { encoding: "utf8" });
  };
  await scene.until("systemd has started what it must", () => {
    return run("systemctl", "is-active", "basic.target").stdout.trim() === "active";
  });
  return {
    inside: (...words) => {
      const done = run(...words);
      const about = ["journalctl", "--no-pager", "-n", "40"];
      assert.equal(done.status, 0, `${words.join(" ")}: ${done.stderr}${run(...about).stdout}`);
    },
    output: (...words) => run(...words).stdout,
  };
}
