import { dirname } from "node:path";

/** What the operator can do about a save that failed with this errno; a sentence without its end [D-ADVICE]. */
export function saveAdvice(code: string | null, path: string): string {
  const folder = dirname(path);
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `Make ${path} or its folder ${folder} writable for ${who()}`;
    case "EROFS":
      return `Mount ${folder} writable`;
    case "EBUSY":
    case "EXDEV":
      return `Mount the folder ${folder} instead of the file`;
    case "ENOSPC":
    case "EDQUOT":
      return `Make room on the file system of ${folder}`;
    case "EISDIR":
      return "Name a file, not a folder";
    case "ENOENT":
    case "ENOTDIR":
      return `Create the folder ${folder}`;
    default:
      return `Make sure that ${path} can be written`;
  }
}

function who(): string {
  return `user id ${process.geteuid?.() ?? "of this process"}`;
}
