import { readFileSync } from "node:fs";

/** USER_HZ of Linux, the same on all its common machines. */
const ticksPerSecond = 100;

/** User and system time of all threads of a process since its start. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in brackets may hold anything; counted from its end, utime is field 12.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The same of its main thread alone, to the nanosecond: without compilers and collectors beside it. */
export function mainThreadMillis(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}

export function rssMiB(pid: number): number {
  const [, kibibytes = ""] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) / 1024;
}
