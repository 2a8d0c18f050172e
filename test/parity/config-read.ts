import { join } from "node:path";
import type { MasterConfig } from "../../src/core/config.ts";
import { loadFile } from "../../src/runtime/file/load-file.ts";
import { StartError } from "../../src/runtime/start-error.ts";
import { fatal, withoutAdvice } from "./config-verdict.ts";

/**
 * What our loader makes of the sentinel.conf in a folder, passwords and scripts included, which
 * no command shows: one fact a line. The folder itself and the id are placeholders.
 */
export function readByUs(folder: string): readonly string[] {
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { sentinel, server } = loadFile(join(folder, "sentinel.conf"), "sentinel.conf", []);
    const masters = sorted(sentinel.masters.map(inOrder));
    const users = server.users.map((words) => words.join(" "));
    const facts = { ...sentinel, myId: null, masters, server: { ...server, port: 0, users } };
    const text = JSON.stringify(facts, showBigInt, 1);
    return text.replaceAll(folder, "{folder}").split("\n");
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return [`refused: ${fatal(withoutAdvice(error.message))}`];
  } finally {
    process.chdir(before);
  }
}

/** C writes masters, replicas and peers in the order of a hash. */
function inOrder({ replicas, sentinels, settings, ...rest }: MasterConfig): object {
  return { ...rest, ...settings, replicas: sorted(replicas), sentinels: sorted(sentinels) };
}

function sorted<T>(items: readonly T[]): readonly T[] {
  const key = (item: T) => JSON.stringify(item, showBigInt);
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function showBigInt(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
