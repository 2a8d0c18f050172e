import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { writeText } from "../support/files.ts";
import { sceneTest } from "../support/scene.ts";
import { type Place, sentinelCommand } from "../support/sentinel-node.ts";

// Where files lie in practice: a C Sentinel switches in each of these places, and so must ours.

const isRoot = process.getuid?.() === 0;
/** File modes keep root out, too. */
const heedModes: readonly string[] = isRoot
  ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--"]
  : [];
const namespace = ["unshare", ...(isRoot ? [] : ["--map-root-user"])];

/** Runs the lines in a mount namespace of its own, then the Sentinel. */
function mounted(...lines: readonly string[]): readonly string[] {
  return [...namespace, "--mount", "--", "sh", "-ec", `${lines.join("\n")}\nexec "$@"`, "sh"];
}

const IN_PLACE = /cannot be replaced: .* \((.*)\)\. It is overwritten in place/;

interface Situation {
  readonly what: string;
  readonly place: Place;
  /** What hinders a replacement; null: nothing does. */
  readonly hindrance: string | null;
  /** More lines of the file. */
  readonly config?: readonly string[];
  readonly logs?: RegExp;
}

/** `nobody` of most systems: it can read the checkout wherever that is, and write only its own. */
const other = 65_534;
const asOther = ["setpriv", `--reuid=${other}`, `--regid=${other}`, "--clear-groups"];
const readAll = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--"];

/** Only root can become somebody else. */
const FOLDER_OF_ANOTHER_USER: Situation = {
  what: "a folder of another user, the file in it ours",
  place(_folder, file) {
    chownSync(file, other, other);
    return [...asOther, ...readAll];
  },
  hindrance: "Permission denied",
};

const SITUATIONS: readonly Situation[] = [
  ...(isRoot ? [FOLDER_OF_ANOTHER_USER] : []),
  {
    what: "a folder that we may not write, the file in it",
    place(folder) {
      chmodSync(folder, 0o555);
      return heedModes;
    },
    hindrance: "Permission denied",
  },
  {
    what: "a link into a folder that we may not write",
    place(folder, file) {
      const inner = join(folder, "etc");
      mkdirSync(inner);
      renameSync(file, join(inner, "real.conf"));
      symlinkSync("etc/real.conf", file);
      chmodSync(inner, 0o555);
      return heedModes;
    },
    hindrance: "Permission denied",
  },
  {
    what: "a read-only folder with a writable file mounted into it",
    place: (folder, file) =>
      mounted(
        `mount --bind ${folder} ${folder}`,
        `cd ${folder}`,
        `mount --bind ${file} ${file}`,
        `mount -o remount,bind,ro ${folder}`,
      ),
    hindrance: "Read-only file system",
  },
  {
    what: "a full tmpfs",
    place: (folder, file) =>
      mounted(
        `text=$(cat ${file})`,
        `mount -t tmpfs -o size=64k none ${folder}`,
        `echo "$text" > ${file}`,
        `cat /dev/zero > ${folder}/fill 2>&- || true`,
      ),
    hindrance: "No space left on device",
  },
  {
    what: "a single file that is a mount",
    place: (_folder, file) => mounted(`mount --bind ${file} ${file}`),
    hindrance: "Device or resource busy",
  },
  {
    what: "a read-only root, as of `docker run --read-only` with a volume for the folder",
    place: (folder) =>
      mounted(
        `mount --bind ${folder} ${folder}`,
        "mount -o remount,bind,ro /",
        `for at in $(findmnt -rno TARGET | grep -vxF -e / -e ${folder}); do`,
        `  mount -o remount,bind,ro "$at" 2>&- || true`,
        "done",
        `if touch ${folder}-beside 2>&-; then exit 1; fi`,
        // The mount point looks like the folder of before until it is entered again.
        `cd ${folder}`,
      ),
    hindrance: null,
    config: ["pidfile /run/sentinel-of-a-test.pid"],
    logs: /Failed to write PID file: Read-only file system/,
  },
  {
    what: "a configuration folder that is a link",
    place(folder) {
      renameSync(folder, `${folder}-of-a-mount`);
      symlinkSync(`${folder}-of-a-mount`, folder);
      return [];
    },
    hindrance: null,
  },
  {
    what: "a file that is a link into a folder that is one, as Kubernetes mounts them",
    place(folder, file) {
      mkdirSync(join(folder, "..2026"));
      renameSync(file, join(folder, "..2026", "sentinel.conf"));
      symlinkSync("..2026", join(folder, "..data"));
      symlinkSync("..data/sentinel.conf", file);
      return [];
    },
    hindrance: null,
  },
  {
    what: "process 1 of a container",
    place: () => [
      ...namespace,
      ...["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"],
    ],
    hindrance: null,
  },
];

for (const { what, place, hindrance, config = [], logs = /./ } of SITUATIONS) {
  sceneTest(`${what}: a failover, and its outcome is in the file`, async (scene) => {
    const options = { replicas: 1, sentinelPlace: place, sentinelConfig: () => config };
    const cluster = await startCluster(scene, options);
    await cluster.master.kill();
    const promoted = await newMaster(cluster, cluster.master);
    await onlyMaster(cluster, promoted);
    for (const { child, file } of cluster.sentinels) {
      const text = readFileSync(`/proc/${child.pid}/root${file}`, "utf8");
      assert.match(
        text,
        RegExp(`^sentinel monitor mymaster 127\\.0\\.0\\.1 ${promoted.port} 2$`, "m"),
      );
      const log = child.log.lines.join("\n");
      assert.doesNotMatch(log, /not able to save/);
      assert.match(log, logs);
      assert.equal(IN_PLACE.exec(log)?.[1] ?? null, hindrance);
      assert.equal(log.split("overwritten in place").length - 1, hindrance === null ? 0 : 1);
    }
  });
}

sceneTest("what cannot be saved any more: no vote, said where it is looked for", async (scene) => {
  const cluster = await startCluster(scene, { replicas: 1, sentinelPlace: () => heedModes });
  const [held, ...others] = cluster.sentinels;
  assert.ok(held);
  chmodSync(held.file, 0o444);
  chmodSync(held.folder, 0o555);
  const before = held.child.log.lines.length;
  await cluster.master.kill();
  const promoted = await newMaster({ ...cluster, sentinels: others }, cluster.master);
  await onlyMaster(cluster, promoted);
  await scene.until("it says so", async () => {
    const { sentinel_save_status: status } = await held.info("sentinel");
    return status === "cannot save: gives no votes";
  });
  const quorum = await held.call("SENTINEL", "CKQUORUM", "mymaster").catch(String);
  assert.match(String(quorum), /NOQUORUM .*cannot save: gives no votes/);
  const log = held.child.log.lines.slice(before).join("\n");
  assert.doesNotMatch(log, /\+vote-for-leader|\+elected-leader/);
  const told = log.split("not able to save").length - 1;
  assert.ok(told === 1, `told ${told} times:\n${log}`);

  chmodSync(held.folder, 0o755);
  chmodSync(held.file, 0o644);
  assert.equal(await newMaster(cluster, cluster.master), promoted);
  const line = RegExp(`^sentinel monitor mymaster 127\\.0\\.0\\.1 ${promoted.port} 2$`, "m");
  await scene.until("it is saved again", () => line.test(held.configText));
  await scene.until("it says so", async () => {
    return (await held.info("sentinel")).sentinel_save_status === "ok";
  });
});

if (isRoot) {
  sceneTest("a file of a group that we are in only besides keeps group and mode", async (scene) => {
    const group = 4242;
    const node = await scene.sentinel({
      config: ["sentinel monitor m 127.0.0.1 1 1"],
      place(folder, file) {
        chownSync(folder, other, other);
        chownSync(file, 0, group);
        chmodSync(file, 0o660);
        const [program = "", ...ids] = asOther.slice(0, -1);
        return [program, ...ids, `--groups=${group}`, ...readAll];
      },
    });
    const before = openSync(node.file, "r");
    assert.equal(await node.call("SENTINEL", "FLUSHCONFIG"), "OK");
    const { nlink } = fstatSync(before);
    closeSync(before);
    assert.equal(nlink, 0, "it was replaced, not overwritten");
    const { uid, gid, mode } = statSync(node.file);
    assert.deepEqual([uid, gid, mode & 0o777], [other, group, 0o660]);
  });
}

sceneTest(
  "a Sentinel that can save nothing does not start, and says what to change",
  async (scene) => {
    const port = await scene.port();
    const lines = [`port ${port}`, "bind 127.0.0.1", "sentinel monitor m 127.0.0.1 1 1"];
    const file = writeText(scene.folder, "sentinel.conf", lines);
    const pidFile = join(scene.folder, "sentinel.pid");
    const full = mounted(
      `text=$(cat ${file})`,
      `mount -t tmpfs -o size=4k none ${scene.folder}`,
      // It fills the only page there is.
      `{ echo "$text"; head -c 4096 /dev/zero | tr '\\0' '#'; } | head -c 4096 > ${file}`,
    );
    const readOnly = mounted(
      `mount --bind ${scene.folder} ${scene.folder}`,
      `mount -o remount,bind,ro ${scene.folder}`,
    );
    const cases: readonly (readonly [prefix: readonly string[], sentence: RegExp])[] = [
      [full, /cannot save its configuration in .*No space left.* Make room on the file system of /],
      [readOnly, /not writable: Read-only file system\. Mount .* writable\. Exiting/],
    ];
    for (const [prefix, sentence] of cases) {
      const command = [...prefix, ...sentinelCommand("ours"), file, "--pidfile", pidFile];
      const child = scene.spawn({ name: "unsaved", command, folder: "/" });
      assert.equal((await child.exited).code, 1);
      assert.match(child.log.lines.join("\n"), sentence);
      assert.equal(existsSync(pidFile), false);
    }
  },
);
