import { execFile } from "node:child_process";
import { loadFile } from "../../src/runtime/file/load-file.ts";
import { StartError } from "../../src/runtime/start-error.ts";

/** What a start on this file says before it ends, one line each, without what must differ. */

/** Redis 7.0 in a process of its own. */
export function verdictOfC(file: string, folder: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      "redis-sentinel",
      [file],
      { cwd: folder, encoding: "latin1" },
      (error, stdout, stderr) => resolve(`exit ${error?.code ?? 0} | ${fatal(stdout + stderr)}`),
    );
  });
}

/**
 * Our loader within this process, which saves a second for every five lines; that the program
 * prints just this and ends with 1 is seen in the whole starts.
 */
export function verdictOfOurs(file: string, folder: string): string {
  const before = process.cwd();
  process.chdir(folder);
  try {
    loadFile(file, file, []);
    return "exit 0";
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return `exit 1 | ${fatal(withoutAdvice(error.message))}`;
  } finally {
    process.chdir(before);
  }
}

/** The lines from the error's title on; without one, the last words of the log. */
export function fatal(text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map(bare);
  const title = lines.findIndex((line) => line.startsWith("*** FATAL"));
  return lines.slice(title === -1 ? -1 : title).join(" | ");
}

/** Our last line names the file and the way out. */
export function withoutAdvice(text: string): string {
  return text.trimEnd().split("\n").slice(0, -1).join("\n");
}

/** Without version, pid and time. */
function bare(line: string): string {
  return line.replace(/Redis 7\.\d+\.\d+/, "Redis").replace(/^\d+:X .{24} [.*#-] /, "");
}
