import {
  chmodSync,
  copyFileSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./run.ts";

// Trees of files with the same bytes, modes and times whenever they are made.

/** Executables; all else may be read by everybody. */
const PROGRAM_MODE = 0o755;
const FILE_MODE = 0o644;

/** Writes a file, and the folders above it. */
export function put(tree: string, path: string, content: string | Buffer, mode = FILE_MODE): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true, mode: PROGRAM_MODE });
  writeFileSync(file, content);
  chmodSync(file, mode);
}

/** Copies a file with its right to be executed. */
export function copy(from: string, tree: string, path: string): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true, mode: PROGRAM_MODE });
  copyFileSync(from, file);
  chmodSync(file, isProgram(from) ? PROGRAM_MODE : FILE_MODE);
}

function isProgram(file: string): boolean {
  return (lstatSync(file).mode & 0o100) !== 0;
}

/** Copies a folder with all that is in it, but no links. */
export function copyFolder(from: string, tree: string, path: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(path, entry.name)];
    if (entry.isDirectory()) copyFolder(source, tree, target);
    else copy(source, tree, target);
  }
}

/** Everything below a folder, links not followed, parents first, in the order of bytes. */
export function entriesOf(tree: string): readonly string[] {
  return readdirSync(tree, { recursive: true, encoding: "utf8" }).sort();
}

/** Gives all the same time, and modes that do not depend on the umask of who made it. */
export function settle(tree: string, seconds: number): void {
  for (const path of [...entriesOf(tree).toReversed(), "."]) {
    const file = join(tree, path);
    const kind = lstatSync(file);
    const mode = kind.isDirectory() || isProgram(file) ? PROGRAM_MODE : FILE_MODE;
    if (!kind.isSymbolicLink()) chmodSync(file, mode);
    lutimesSync(file, seconds, seconds);
  }
}

/** A folder as `NAME.tar.gz`, owned by root, sorted, without the time of its making. */
export function archive(parent: string, name: string, file: string, seconds: number): void {
  const owner = ["--owner=0", "--group=0", "--numeric-owner"];
  const form = ["--format=gnu", "--sort=name", `--mtime=@${seconds}`, ...owner];
  run(["tar", ...form, "--use-compress-program=gzip -9n", "-cf", file, "-C", parent, name]);
}
