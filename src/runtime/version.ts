import { createRequire } from "node:module";

/**
 * The Redis whose behaviour we reproduce, security fixes included: clients and scripts decide by it
 * [D-INFO-FIELDS].
 */
export const REDIS_VERSION = "7.4.11";
export const PROGRAM = "redis-sentinel-ts";

/** Our own version, from package.json wherever the compiled files lie. */
export function ownVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)(`${PROGRAM}/package.json`);
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return hasVersion ? String(manifest.version) : "unknown";
}

/** What `--version` prints: scripts parse `v=` out of it; our own name comes behind. */
export function versionLine(): string {
  const build = `malloc=v8 bits=64 build=${ownVersion()}`;
  return `Redis server v=${REDIS_VERSION} sha=00000000:0 ${build} ${PROGRAM}=${ownVersion()}`;
}
