import { type ChildProcess, spawn } from "node:child_process";
import { LogLines } from "./log-lines.ts";
import { within } from "./until.ts";

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
}

const living = new Set<Child>();
process.once("exit", () => {
  for (const child of living) child.signalGroup("SIGKILL");
});

/** A process of a test, leader of its own process group, so that nothing of it survives. */
export class Child {
  readonly name: string;
  readonly log = new LogLines();
  readonly exited: Promise<ExitStatus>;
  readonly #process: ChildProcess;

  constructor({ name, command, folder, env = {}, input }: ChildOptions) {
    const [program = "", ...args] = command;
    this.name = name;
    this.#process = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    living.add(this);
    this.exited = this.#followExit();
    const { stdin, stdout, stderr } = this.#process;
    stdin?.on("error", ignore);
    stdin?.end(input ?? "");
    if (stdout !== null) this.log.follow(stdout);
    if (stderr !== null) this.log.follow(stderr);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // Nothing of the group is left.
    }
  }

  /** Sends the signal and waits for the end; a process that does not end fails the test. */
  async stop(signal: NodeJS.Signals = "SIGTERM", timeoutMs = 10_000): Promise<ExitStatus> {
    this.signal(signal);
    if (signal !== "SIGKILL") this.signal("SIGCONT");
    return await within(this.exited, timeoutMs, `the end of ${this.name} after ${signal}`);
  }

  async kill(): Promise<void> {
    this.signalGroup("SIGKILL");
    await this.exited;
  }

  /** Lets it outlive this process. What it prints from now on is lost. */
  release(): void {
    living.delete(this);
    this.stopReading();
    this.#process.unref();
  }

  /** Its pipes break. */
  stopReading(): void {
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  #followExit(): Promise<ExitStatus> {
    return new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      // "close": the last lines of its log have been read too.
      this.#process.once("close", (code, signal) => {
        living.delete(this);
        resolve({ code, signal });
      });
    });
  }
}

function ignore(): void {
  // A process that ended has no use for its standard input.
}
