import { unlinkSync, writeFileSync } from "node:fs";
import { bytesOf } from "../../base/bytes.ts";
import { strerror } from "../../base/errno.ts";
import type { Log } from "../log/log.ts";

/** Where a daemonized Redis leaves its pid when the file does not say [D-NO-PIDFILE-LINE]. */
export const DEFAULT_PID_FILE = "/var/run/redis.pid";

/** The file that tells init scripts whom to signal; not being able to write it is no error. */
export class PidFile {
  readonly #path: string;
  readonly #log: Log;
  #isOurs = false;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  create(): void {
    try {
      writeFileSync(this.#path, `${process.pid}\n`);
      this.#isOurs = true;
    } catch (error) {
      this.#log.write("warning", bytesOf(`Failed to write PID file: ${strerror(error)}`));
    }
  }

  remove(): void {
    this.#log.write("notice", "Removing the pid file.");
    this.forget();
  }

  /** Takes it away again, if we wrote it, without a word. */
  forget(): void {
    if (!this.#isOurs) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // Removed by somebody.
    }
  }
}
