import { readdirSync, readFileSync } from "node:fs";

/** The processes that a process has begun and that are there still. */
export function childrenOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8"));
  return lists.join(" ").trim().split(/\s+/).filter(Boolean).map(Number);
}
