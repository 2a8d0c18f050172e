import { promises, readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, textOf } from "../base/bytes.ts";
import type { TlsConfig } from "../config/server-config.ts";

/** Who hands out TLS files, by the names that the configuration has for them. Throws as the file system does. */
export interface TlsSource {
  read(file: string): Buffer;
  /** The files of a folder of authorities. */
  list(folder: string): readonly string[];
}

/** Waits for the disk: at the start, and where an operator names files and waits for the answer. */
export const DISK: TlsSource = {
  read: (file) => readFileSync(textOf(file)),
  list: (folder) => authoritiesIn(folder, readdirSync(textOf(folder))),
};

/** What of a configuration names files that are read. */
export type TlsPaths = Pick<TlsConfig, "caCertFile" | "caCertDir"> & {
  readonly others: readonly (string | null)[];
};

/**
 * The files as they are now, read beside the loop: a file system that hangs holds up nobody else. One after the other,
 * so that it keeps one of the few threads that Node has for files and names.
 */
export async function readAside({ others, caCertFile, caCertDir }: TlsPaths): Promise<TlsSource> {
  const lists = new Map<string, Outcome<readonly string[]>>();
  const files = new Set<string>();
  for (const file of [...others, caCertFile]) if (file !== null) files.add(file);
  if (caCertDir !== null) {
    const list = async () => authoritiesIn(caCertDir, await promises.readdir(textOf(caCertDir)));
    const outcome = await outcomeOf(list());
    lists.set(caCertDir, outcome);
    if (outcome.ok) for (const file of outcome.value) files.add(file);
  }
  const contents = new Map<string, Outcome<Buffer>>();
  for (const file of files) contents.set(file, await outcomeOf(promises.readFile(textOf(file))));
  return { read: (file) => taken(contents, file), list: (folder) => taken(lists, folder) };
}

/** Changes when one of the files is written or replaced; throws if one is gone. */
export function fingerprintNow(paths: TlsPaths): string {
  return shownAll(watchedOf(paths).map((path) => statSync(textOf(path))));
}

/** The same beside the loop. */
export async function fingerprintAside(paths: TlsPaths): Promise<string> {
  const found: Stats[] = [];
  for (const path of watchedOf(paths)) found.push(await promises.stat(textOf(path)));
  return shownAll(found);
}

function watchedOf({ others, caCertFile, caCertDir }: TlsPaths): readonly string[] {
  return [...others, caCertFile, caCertDir].filter((path) => path !== null);
}

function shownAll(found: readonly Stats[]): string {
  return found.map(({ ino, size, mtimeMs }) => `${ino}:${size}:${mtimeMs}`).join(" ");
}

/** OpenSSL finds certificates by hashed names such as 9d66eef0.0; other files are not meant. */
function authoritiesIn(folder: string, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name))
    .map((name) => join(folder, bytesOf(name)));
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

async function outcomeOf<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    return { ok: false, error };
  }
}

function taken<T>(from: ReadonlyMap<string, Outcome<T>>, path: string): T {
  const outcome = from.get(path);
  if (outcome === undefined) throw new Error(`${path} was not read`);
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
