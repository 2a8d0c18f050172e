import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { bytesOf, textOf } from "../../base/bytes.ts";
import { errnoCode, strerror } from "../../base/errno.ts";
import { formatConfigError } from "../../config/config-error.ts";
import { type LoadedConfig, loadConfig } from "../../config/load.ts";
import type { ConfigSource } from "../../config/source.ts";
import { STANDARD_ACL_TABLE } from "../../server/acl-table.ts";
import { StartError } from "../start-error.ts";
import { REDIS_VERSION } from "../version.ts";
import { globFiles } from "./glob-files.ts";
import { saveAdvice } from "./save-advice.ts";

export type Appended = ConfigSource["appended"];

/**
 * Reads and checks the configuration file in the order of the reference [FILE-START]: it must be
 * readable, then make sense, then be writable. Enters the folder of its `dir` line.
 */
export function loadFile(path: string, shownPath: string, appended: Appended): LoadedConfig {
  const text = readConfigFile(path, shownPath);
  const loaded = loadConfig(sourceOf(bytesOf(shownPath), text, appended, enterFolder));
  if (!loaded.ok) {
    throw new StartError(textOf(formatConfigError(loaded.error, `Redis ${REDIS_VERSION}`)));
  }
  checkWritable(path);
  return loaded.config;
}

/** The configuration of somebody else's Sentinel: read and understood, and nothing else is done. @throws StartError */
export function inspectFile(path: string): LoadedConfig {
  const loaded = loadConfig(sourceOf(bytesOf(path), readConfigFile(path, path)));
  if (loaded.ok) return loaded.config;
  throw new StartError(textOf(formatConfigError(loaded.error, `Redis ${REDIS_VERSION}`)));
}

/** What loading may ask of this machine. Without `changeDir` it has no effect on the process. */
function sourceOf(
  path: string,
  text: string,
  appended: Appended = [],
  changeDir?: (path: string) => string | null,
): ConfigSource {
  const world = { readFile, glob: globFiles, isExecutable, commands: STANDARD_ACL_TABLE };
  const source = { path, text, appended, ...world };
  return changeDir === undefined ? source : { ...source, changeDir };
}

/** A folder reads as empty, as in the reference; the first save will fail then and say so. */
function readConfigFile(path: string, shownPath: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (errnoCode(error) === "EISDIR") return "";
    const fatal = `Fatal error, can't open config file '${shownPath}': ${strerror(error)}`;
    // More often a command that was misspelt than a file.
    const isWord = errnoCode(error) === "ENOENT" && /^[a-z]+$/.test(shownPath);
    throw new StartError(isWord ? `${fatal}\nNo command has that name either: see --help` : fatal);
  }
}

function readFile(path: string): ReturnType<ConfigSource["readFile"]> {
  try {
    return { ok: true, text: readFileSync(textOf(path), "latin1") };
  } catch (error) {
    return { ok: false, strerror: strerror(error) };
  }
}

/** access(2), as the reference checks scripts; a byte string. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(textOf(path), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function enterFolder(path: string): string | null {
  try {
    process.chdir(textOf(path));
    return null;
  } catch (error) {
    return strerror(error);
  }
}

function checkWritable(path: string): void {
  // A folder passes access(2) as writable, too; see readConfigFile.
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    const why = `${strerror(error)}. ${saveAdvice(errnoCode(error), path)}. Exiting...`;
    throw new StartError(`Sentinel config file ${path} is not writable: ${why}`);
  }
}
