import assert from "node:assert/strict";
import type { ConfigError } from "../../src/config/config-error.ts";
import { type LoadedConfig, type LoadResult, loadConfig } from "../../src/config/load.ts";
import { type RewriteInput, rewriteConfig } from "../../src/config/rewrite.ts";
import type { ConfigSource } from "../../src/config/source.ts";
import type { SentinelConfig } from "../../src/core/config.ts";

export const ID = "17ec4eb3d34b75653de4dd82d41ccfed4ea47512";
export const PEER_ID = "d56d8f66d56d8f66d56d8f66d56d8f66d56d8f66";
export const MONITOR = "sentinel monitor m 127.0.0.1 6379 2\n";
export const DEFAULT_USER = "default on nopass sanitize-payload ~* &* +@all";

/** A world of the given files in which every path under /bin is executable. */
export function sourceOf(
  text: string,
  files: Readonly<Record<string, string>> = {},
  appended: ConfigSource["appended"] = [],
): ConfigSource {
  return {
    path: "sentinel.conf",
    text,
    appended,
    readFile(path) {
      const found = files[path];
      if (found === undefined) return { ok: false, strerror: "No such file or directory" };
      return { ok: true, text: found };
    },
    glob: (pattern) => Object.keys(files).filter((path) => path.startsWith(pattern.slice(0, -1))),
    isExecutable: (path) => path.startsWith("/bin/"),
    changeDir: (path) => (path.startsWith("/") ? null : "No such file or directory"),
  };
}

export function load(text: string, files: Readonly<Record<string, string>> = {}): LoadedConfig {
  return loaded(loadConfig(sourceOf(text, files)));
}

export function loaded(result: LoadResult): LoadedConfig {
  assert.ok(result.ok, result.ok ? "" : result.error.reason);
  return result.config;
}

export function failure(text: string, files: Readonly<Record<string, string>> = {}): ConfigError {
  const result = loadConfig(sourceOf(text, files));
  assert.ok(!result.ok, `loads although it should not: ${text}`);
  return result.error;
}

/** The file after a rewrite with the state that it loads to, changed as asked. */
export function rewritten(
  text: string,
  change: Partial<SentinelConfig> = {},
  more: Partial<RewriteInput> & { readonly files?: Readonly<Record<string, string>> } = {},
): string {
  const { sentinel, server, generic } = load(text, more.files ?? {});
  return rewriteConfig({
    oldText: text,
    generic,
    users: [DEFAULT_USER],
    sentinel: { ...sentinel, myId: sentinel.myId ?? ID, ...change },
    loglevel: server.loglevel,
    workingDir: server.dir ?? "/work",
    ...more,
  });
}

/** Lines of a file, the final newline taken as an end and not as a beginning. */
export function linesOf(text: string): string[] {
  assert.ok(text.endsWith("\n"), "the file ends in a newline");
  return text.slice(0, -1).split("\n");
}
