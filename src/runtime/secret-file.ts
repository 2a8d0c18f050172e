import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { strerror } from "../base/errno.ts";
import { isOpenToOthers } from "../base/secret-mode.ts";

/**
 * The text of a file that holds a secret. Nobody else may read it; of somebody else's file, such as a mounted secret,
 * our group may.
 *
 * @throws an Error in the operator's words, without the text.
 */
export function readSecretFile(path: string): string {
  let fd: number | null = null;
  try {
    fd = openSync(path, "r");
    if (isOpenToOthers(fstatSync(fd))) throw new Error("others may read it: chmod 600");
    return readFileSync(fd, "utf8");
  } catch (error) {
    throw new Error(`${path}: ${strerror(error)}`);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
