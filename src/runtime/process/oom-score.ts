import { readFileSync, writeFileSync } from "node:fs";
import { bytesOf } from "../../base/bytes.ts";
import { strerror } from "../../base/errno.ts";
import type { ServerConfig } from "../../config/server-config.ts";
import type { Log } from "../log/log.ts";

const MOST = 1000;

/**
 * `oom-score-adj` (setOOMScoreAdj): how willingly the kernel ends this process when memory is short,
 * from -1000 to 1000. Not being able to say so is no error: less than now takes CAP_SYS_RESOURCE.
 */
export function adjustOomScore(
  wanted: ServerConfig["oomScoreAdj"],
  log: Log,
  file = "/proc/self/oom_score_adj",
): void {
  if (wanted === null) return;
  try {
    const base = wanted.isRelative ? Number(readFileSync(file, "utf8")) : 0;
    const value = Math.max(-MOST, Math.min(MOST, base + wanted.value));
    writeFileSync(file, `${value}\n`);
  } catch (error) {
    log.write("warning", bytesOf(`Unable to write oom_score_adj: ${strerror(error)}`));
  }
}
