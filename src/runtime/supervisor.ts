import { spawnSync } from "node:child_process";
import type { ServerConfig } from "../config/server-config.ts";
import type { Log } from "./log.ts";

/** What watches over the process. `unknown` is what INFO shows for an option without effect. */
export type Supervision = "no" | "systemd" | "upstart";

const NOTIFY_TIMEOUT_MS = 2_000;

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
    this.#notify("STATUS=Ready to accept connections");
    this.#notify("READY=1");
  }

  stopping(): void {
    this.#notify("STOPPING=1");
  }

  #notify(state: string): void {
    if (this.#supervision !== "systemd" || process.env.NOTIFY_SOCKET === undefined) return;
    const { error, status } = spawnSync("systemd-notify", [`--pid=${process.pid}`, state], {
      stdio: "ignore",
      timeout: NOTIFY_TIMEOUT_MS,
    });
    if (error === undefined && status === 0) return;
    const why = error === undefined ? `it exited with ${status}` : error.message;
    this.#log.write("warning", `systemd was not told ${state}, systemd-notify failed: ${why}`);
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
