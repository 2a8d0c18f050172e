import { spawn } from "node:child_process";
import type { ServerConfig } from "../../config/server-config.ts";
import type { Log } from "../log/log.ts";

/** What watches over the process. `unknown` is what INFO shows for an option without effect. */
export type Supervision = "no" | "systemd" | "upstart";

/** A busy machine may take its time; what takes longer hangs. */
const NOTIFY_TIMEOUT_MS = 30_000;

/** `auto` recognises its supervisor by the environment it sets. */
export function detectSupervision(
  wanted: ServerConfig["supervised"],
  env: NodeJS.ProcessEnv = process.env,
): Supervision {
  if (wanted !== "auto") return wanted;
  if (env.UPSTART_JOB !== undefined) return "upstart";
  return env.NOTIFY_SOCKET !== undefined ? "systemd" : "no";
}

/**
 * Tells systemd how far we are (Type=notify). Node has no unix datagram sockets, so the words go
 * through systemd's own `systemd-notify`; the sender is then a child of the main process, and the
 * unit needs `NotifyAccess=all`. (The npm package sd-notify would need a native build.)
 */
export class Supervisor {
  readonly #supervision: Supervision;
  readonly #log: Log;
  #told: Promise<void> = Promise.resolve();

  constructor(supervision: Supervision, log: Log) {
    this.#supervision = supervision;
    this.#log = log;
  }

  starting(): void {
    if (this.#supervision === "upstart") return this.#stopForUpstart();
    if (this.#supervision !== "systemd") return;
    if (process.env.NOTIFY_SOCKET === undefined) {
      this.#log.write("warning", "systemd supervision error: NOTIFY_SOCKET not found!");
      return;
    }
    this.#log.write(
      "notice",
      "Supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and TimeoutStopSec in your service unit.",
    );
    this.#notify("STATUS=Sentinel is loading...");
  }

  ready(): void {
    this.#notify("READY=1", "STATUS=Ready to accept connections");
  }

  /** The last words: they do not wait for those before, and nobody waits for them. */
  stopping(): void {
    if (this.#isHeard) void this.#tell(["STOPPING=1"]);
  }

  get #isHeard(): boolean {
    return this.#supervision === "systemd" && process.env.NOTIFY_SOCKET !== undefined;
  }

  /** One after the other, never on the loop: PING is answered however slow systemd-notify is. */
  #notify(...states: readonly string[]): void {
    if (!this.#isHeard) return;
    this.#told = this.#told.then(async () => {
      const failure = await this.#tell(states);
      if (failure === null) return;
      const what = `systemd was not told ${states[0]}, systemd-notify failed: ${failure}`;
      this.#log.write("warning", what);
    });
  }

  /** Resolves to why it failed, or null. */
  #tell(states: readonly string[]): Promise<string | null> {
    return new Promise((resolve) => {
      const child = spawn("systemd-notify", [`--pid=${process.pid}`, ...states], {
        stdio: "ignore",
        timeout: NOTIFY_TIMEOUT_MS,
      });
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (status, signal) =>
        resolve(status === 0 ? null : `it exited with ${status ?? signal}`),
      );
    });
  }

  /** `expect stop`: upstart continues us when it saw the stop. */
  #stopForUpstart(): void {
    if (process.env.UPSTART_JOB === undefined) {
      this.#log.write("warning", "upstart supervision requested, but UPSTART_JOB not found!");
      return;
    }
    this.#log.write("notice", "supervised by upstart, will stop to signal readiness.");
    process.kill(process.pid, "SIGSTOP");
  }
}
