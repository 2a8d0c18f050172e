import { getSystemErrorMap } from "node:util";

/** glibc's sentences where libuv says it in other words: operators and scripts grep for these. */
const SENTENCES: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EBUSY: "Device or resource busy",
  EEXIST: "File exists",
  EHOSTDOWN: "Host is down",
  EHOSTUNREACH: "No route to host",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  ENOENT: "No such file or directory",
  ENOEXEC: "Exec format error",
  ENOMEM: "Cannot allocate memory",
  ENOSPC: "No space left on device",
  ENOTDIR: "Not a directory",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
  EXDEV: "Invalid cross-device link",
};

/** The code of a system error (`ENOENT`), null for any other value. */
export function errnoCode(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** A system error in the words of C's strerror, any other error by its message. */
export function strerror(error: unknown): string {
  if (isOpensslError(error)) return `TLS: ${error.reason}`;
  const code = errnoCode(error);
  if (code !== null) {
    const sentence = SENTENCES[code] ?? libuvSentence(code);
    if (sentence !== null) return sentence;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Its message is a line of OpenSSL's error queue, with addresses and source lines. */
function isOpensslError(error: unknown): error is Error & { readonly reason: string } {
  if (!(error instanceof Error) || !("library" in error) || !("reason" in error)) return false;
  return typeof error.reason === "string";
}

/** By code; made at the first use, as Node makes its own map anew for each call. */
let libuvSentences: ReadonlyMap<string, string> | null = null;

function libuvSentence(code: string): string | null {
  libuvSentences ??= new Map(getSystemErrorMap().values());
  const sentence = libuvSentences.get(code);
  return sentence ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : null;
}
