import * as nodeFs from "node:fs";
import { DurableWriter, type FileSystem, SaveError } from "./durable-writer.ts";

/** A new one is as private as the passwords in it. */
const NEW_MODE = 0o600;

/**
 * Writes the ACL file as the configuration file is written: beside it under a name that nobody can lay
 * a link at, synced, renamed; mode, owner and a link to it stay what they were [D-ACL-FILE]. Throws an
 * Error that
 * says which step failed.
 */
export function writeAclFile(path: string, bytes: Buffer, fs: FileSystem = nodeFs): void {
  const writer = new DurableWriter(fs, () => undefined, "ACL file");
  const target = realPath(path, fs);
  try {
    writer.replace(target, bytes, { mode: NEW_MODE, ...ownIds() });
  } catch (error) {
    if (!(error instanceof SaveError && error.isOfReplacing)) throw error;
    writer.overwrite(target, bytes);
  }
}

function realPath(path: string, fs: FileSystem): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}

function ownIds(): { uid: number; gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
