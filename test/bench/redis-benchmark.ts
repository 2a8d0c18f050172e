import { execFile } from "node:child_process";
import { promisify } from "node:util";

const program = "redis-benchmark";

/** Requests per second. It prints `"test","rps",...` in one line and the values in the next. */
export async function redisBenchmark(port: number, args: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(program, ["-p", String(port), "--csv", ...args]);
  const [, rps = ""] = stdout.trim().split("\n").at(-1)?.split('","') ?? [];
  if (!(Number(rps) > 0)) throw new Error(`${program} printed no figure: ${stdout}`);
  return Number(rps);
}
