import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { textOf } from "../../base/bytes.ts";
import { errnoCode } from "../../base/errno.ts";
import type { Input } from "../../core/input.ts";
import type { ScriptJobId } from "../../core/state.ts";

/** What the child of a fork exits with in the reference when the script cannot be executed. */
const EXIT_NOT_EXECUTABLE = 2;
/** "failed fork" [SCRIPT-RUN]. */
const FORK_FAILED_SIGNAL = 99;
/** Errors of the system's resources, not of the path: the fork failed, not the execution. */
const FORK_ERRORS: ReadonlySet<string | null> = new Set(["EAGAIN", "ENOMEM", "EMFILE", "ENFILE"]);

/**
 * Runs the notification and reconfiguration scripts: the path itself, no shell, our environment,
 * folder, user and standard streams [SCRIPT-RUN].
 */
export class ScriptRunner {
  readonly #deliver: (input: Input) => void;
  readonly #stdio: "inherit" | "ignore";
  readonly #running = new Map<ScriptJobId, ChildProcess>();

  constructor(deliver: (input: Input) => void, stdio: "inherit" | "ignore") {
    this.#deliver = deliver;
    this.#stdio = stdio;
  }

  /** Ends in one `scriptExit`, preceded by `scriptStarted` if there ever was a process. */
  run(job: ScriptJobId, argv: readonly string[]): void {
    const [path = "", ...args] = argv.map(textOf);
    try {
      this.#watch(job, spawn(asPath(path), args, { stdio: this.#stdio, shell: false }));
    } catch (error) {
      // Arguments that cannot be passed, such as one with a zero byte.
      this.#notStarted(job, error);
    }
  }

  kill(job: ScriptJobId): void {
    this.#running.get(job)?.kill("SIGKILL");
  }

  #watch(job: ScriptJobId, child: ChildProcess): void {
    this.#running.set(job, child);
    child.once("spawn", () => {
      this.#deliver({ type: "scriptStarted", job, pid: child.pid ?? 0 });
    });
    // Also emitted for a kill that failed; `exit` tells the end of what did start.
    child.on("error", (error) => {
      if (child.pid === undefined && this.#running.has(job)) this.#notStarted(job, error);
    });
    child.once("exit", (code, signal) => {
      this.#ended(job, code ?? 0, signal === null ? 0 : constants.signals[signal]);
    });
    // A script does not keep a Sentinel alive that wants to exit.
    child.unref();
  }

  #notStarted(job: ScriptJobId, error: unknown): void {
    if (FORK_ERRORS.has(errnoCode(error))) this.#ended(job, 0, FORK_FAILED_SIGNAL);
    else this.#ended(job, EXIT_NOT_EXECUTABLE, 0);
  }

  #ended(job: ScriptJobId, exitCode: number, signal: number): void {
    this.#running.delete(job);
    this.#deliver({ type: "scriptExit", job, exitCode, signal });
  }
}

/** execve takes a path; a bare word would be looked for in PATH by Node. */
function asPath(path: string): string {
  return path.includes("/") ? path : `./${path}`;
}
