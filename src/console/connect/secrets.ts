import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { strerror } from "../../base/errno.ts";
import { isOpenToOthers } from "../../base/secret-mode.ts";
import { Trouble } from "../trouble.ts";

/**
 * The first line of a file that nobody but its owner may read or write, or, of somebody else's file, our group may
 * read; a byte string.
 *
 * @throws Trouble that names the file and never what is in it.
 */
export function readSecret(option: string, path: string): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw new Trouble(`--${option} ${path}: ${strerror(error)}`);
  }
  try {
    // Of the open file: the name may mean another one by now.
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Trouble(`--${option} ${path} is no file`);
    if (isOpenToOthers(stat)) {
      throw new Trouble(
        `--${option} ${path} may be read by others: run  chmod 600 ${path}  and change the password`,
      );
    }
    const [first = ""] = readFileSync(file, "latin1").split(/\r?\n/);
    if (first === "") throw new Trouble(`--${option} ${path}: its first line is empty`);
    return first;
  } finally {
    closeSync(file);
  }
}
