import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scene } from "../../support/scene.ts";
import type { SentinelKind } from "../../support/sentinel-node.ts";
import type { ToolCheck } from "./check.ts";

/** Debian's own stanza tells nobody that the file was moved: the Sentinel must notice. */
export const logrotate: ToolCheck = {
  name: "logrotate",
  title: "logrotate with Debian's redis-sentinel stanza",
  packages: ["logrotate", "redis-sentinel"],
  facts: rotateTwice,
};

const stanza = "/etc/logrotate.d/redis-sentinel";

async function rotateTwice(scene: Scene, kind: SentinelKind): Promise<readonly string[]> {
  const master = await scene.redis();
  const folder = scene.subfolder("log");
  const log = join(folder, "redis-sentinel.log");
  const config = [`logfile ${log}`, `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`];
  const sentinel = await scene.sentinel({ kind, config });
  const settings = join(scene.folder, "logrotate.conf");
  writeFileSync(settings, readFileSync(stanza, "utf8").replaceAll("/var/log/redis", folder));
  const facts: string[] = [];
  for (const turn of ["first", "second"]) {
    const state = join(scene.folder, "logrotate.state");
    execFileSync("logrotate", ["--force", "--state", state, settings], { stdio: "pipe" });
    const name = `after-${turn}`;
    // A rotated file is noticed within a second at most: the words may come too early once.
    await scene.until(`a line of the ${turn} rotation in the new file`, async () => {
      await sentinel.call("SENTINEL", "MONITOR", name, "127.0.0.1", `${master.port}`, "1");
      await sentinel.call("SENTINEL", "REMOVE", name);
      return existsSync(log) && readFileSync(log, "utf8").includes(`+monitor master ${name} `);
    });
    facts.push(`${turn} rotation: the new file has what happens from now on`);
    facts.push(`${turn} rotation: files ${readdirSync(folder).sort().join(" ")}`);
  }
  const oldest = execFileSync("zcat", [`${log}.2.gz`], { encoding: "utf8" });
  facts.push(`the oldest file has the start: ${oldest.includes("Sentinel ID is ")}`);
  facts.push(
    `no other file has it: ${!readFileSync(`${log}.1`, "utf8").includes("Sentinel ID is ")}`,
  );
  return facts;
}
