import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { strerror } from "../base/errno.ts";

const OF_OTHERS = 0o007;
const OF_THE_GROUP = 0o070;
const READ_BY_THE_GROUP = 0o040;

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
    const { mode, uid } = fstatSync(fd);
    const isOurs = uid === process.getuid?.();
    const allowed = isOurs ? 0 : READ_BY_THE_GROUP;
    if ((mode & (OF_OTHERS | OF_THE_GROUP) & ~allowed) !== 0) {
      throw new Error("others may read it: chmod 600");
    }
    return readFileSync(fd, "utf8");
  } catch (error) {
    throw new Error(`${path}: ${strerror(error)}`);
  } finally {
    if (fd !== null) closeSync(fd);
  }
}
