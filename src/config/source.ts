import type { AclCommands } from "../acl/commands.ts";

/** The text to load and what loading asks of the world. All text is byte strings. */
export interface ConfigSource {
  /** As the operator wrote it; named in errors. */
  readonly path: string;
  readonly text: string;
  /** More lines, in order: standard input, then the options of the command line. */
  readonly appended: readonly { readonly origin: "stdin" | "options"; readonly text: string }[];
  readFile(
    path: string,
  ):
    | { readonly ok: true; readonly text: string }
    | { readonly ok: false; readonly strerror: string };
  /** The files that match, sorted. */
  glob(pattern: string): readonly string[];
  isExecutable(path: string): boolean;
  /**
   * What rules of users may name. Without it every name is taken for one that may exist, and who
   * makes the users tells what is wrong with it.
   */
  readonly commands?: AclCommands;
  /** Enters the folder of a `dir` line, as C does at once; strerror, or null for success. */
  changeDir?(path: string): string | null;
}

/** One `sentinel` line, queued until all generic directives are in effect. */
export interface SentinelLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** The words after `sentinel`. */
  readonly words: readonly string[];
  readonly included: boolean;
}
