import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { LAUNCHER } from "../../support/launcher.ts";
import { filesOf, read, root } from "../../support/repository.ts";
import { sceneTest } from "../../support/scene.ts";
import { childrenOf } from "../namespaces.ts";
import { recipe } from "../recipe.ts";

// Commands of pages that use the usual ports, as they stand there, on a network of their own.

const PORTS = ["6379", "6380", "6381", "6382", "6383"];

sceneTest(
  "the set-up from practice starts as its page says, and a failover leaves the examples alone",
  async (scene) => {
    const examples = filesOf(["conf/practice"], ".conf");
    const before = examples.map(read);
    const programs = scene.subfolder("programs");
    symlinkSync(LAUNCHER, join(programs, "redis-sentinel-ts"));
    const page = recipe("docs/operations.md", "A set-up from practice");
    const block = page.replaceAll("/tmp/", `${scene.folder}/`).replace(/^redis-cli .*\n/m, "");
    const script = `ip link set lo up\ncd ${root}\nPATH=${programs}:$PATH\n${block}\nexec tail -f /dev/null`;
    const namespaces = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--"];
    const machine = scene.spawn({ name: "recipe", command: [...namespaces, "sh", "-exc", script] });
    const ask = (...words: readonly string[]) => {
      const [pid = 0] = childrenOf(machine.pid);
      const inside = ["--target", `${pid}`, "--net", "--", "redis-cli", "-p", "26379", ...words];
      return spawnSync("nsenter", inside, { encoding: "utf8" }).stdout;
    };
    const master = () =>
      ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster").trim().replace("\n", ":");
    await scene.until("all know each other", () => {
      const replicas = ask("SENTINEL", "REPLICAS", "mymaster").match(/^master-link-status\nok$/gm);
      return replicas?.length === 4 && ask("SENTINEL", "CKQUORUM", "mymaster").startsWith("OK 3 ");
    });
    // With 300 ms of silence a busy machine may have failed over by itself.
    await scene.until("another one is the master", () => {
      if (!master().endsWith(":6379")) return true;
      ask("SENTINEL", "FAILOVER", "mymaster");
      return false;
    });
    const file = (port: string) => readFileSync(join(scene.folder, `redis-${port}.conf`), "utf8");
    await scene.until("each has its role in its own file", () => {
      const masters = PORTS.filter((port) => !/^replicaof /m.test(file(port)));
      return masters.length === 1 && master() === `127.0.0.1:${masters[0]}`;
    });
    assert.deepEqual(examples.map(read), before);
  },
);
