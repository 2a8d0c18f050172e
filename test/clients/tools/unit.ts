import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Scene } from "../../support/scene.ts";
import type { SentinelKind } from "../../support/sentinel-node.ts";
import { assertIs, type ToolCheck } from "./check.ts";

/** The words of Debian's unit, and what its `Type=notify` and `PIDFile=` wait for. */
export const unit: ToolCheck = {
  name: "unit",
  title:
    "Debian's unit: `redis-sentinel FILE --supervised systemd --daemonize no`, READY, pid file",
  packages: ["redis-sentinel", "systemd", "python3"],
  facts: startAndStop,
};

const states = /^(READY=|STOPPING=|STATUS=Ready)/;

async function startAndStop(
  scene: Scene,
  kind: SentinelKind,
  programs: string,
): Promise<readonly string[]> {
  const path = join(scene.folder, "notify");
  const receiver = scene.spawn({
    name: "systemd",
    command: ["/usr/bin/python3", join(programs, "tools", "notified.py"), path],
  });
  await receiver.log.waitFor(/listening/);
  const pidFile = join(scene.folder, "redis-sentinel.pid");
  const sentinel = await scene.sentinel({
    kind,
    commandLine: "redis-sentinel FILE --supervised systemd --daemonize no",
    config: [`pidfile ${pidFile}`, "sentinel monitor mymaster 127.0.0.1 1 1"],
    env: { NOTIFY_SOCKET: path },
  });
  assertIs(kind, sentinel);
  const { child } = sentinel;
  await receiver.log.waitFor(/^READY=1$/);
  const pid = readFileSync(pidFile, "utf8").trim();
  const { code } = await child.stop("SIGTERM");
  await receiver.log.waitFor(/^STOPPING=1$/);
  return [
    ...receiver.log.lines.filter((line) => states.test(line)),
    `the pid file has its pid: ${pid === `${child.pid}`}`,
    `it ends with ${code}, and the pid file is gone: ${!existsSync(pidFile)}`,
  ];
}
