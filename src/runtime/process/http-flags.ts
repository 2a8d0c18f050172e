import { resolve } from "node:path";
import { StartError } from "../start-error.ts";

/** Where `--http` listens; null: all addresses of this machine. */
export interface HttpPlace {
  readonly address: string | null;
  readonly port: number;
}

/** `9355`, `10.0.0.1:9355`, `[::1]:9355` or `*:9355`; null: `off`, or nothing was said. @throws StartError */
export function readHttpPlace(said: readonly string[]): HttpPlace | null {
  const words = said.at(-1) ?? "off";
  if (words === "off") return null;
  const [, host, digits] = /^(?:(\[[0-9a-f:.]+\]|[^:[\]\s]+):)?(\d{1,5})$/i.exec(words) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) {
    throw new StartError(`'${words}' after --http is no port, and no host:port`);
  }
  if (host === "*") return { address: null, port };
  return { address: host?.replace(/^\[|\]$/g, "") ?? "127.0.0.1", port };
}

/** Absolute, before a `dir` line changes the folder; null: none was said. */
export function readPath(said: readonly string[]): string | null {
  const path = said.at(-1) ?? "";
  return path === "" ? null : resolve(path);
}

/** Several with commas, or one by one. */
export function readHttpNames(said: readonly string[]): readonly string[] {
  return said.flatMap((names) => names.split(",")).filter((name) => name !== "");
}

/** @throws StartError */
export function readYesNo(flag: string, said: readonly string[]): boolean {
  const word = said.at(-1) ?? "no";
  if (word === "yes" || word === "no") return word === "yes";
  throw new StartError(`'${word}' after ${flag} is neither yes nor no`);
}
