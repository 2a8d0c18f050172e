/** What signals ask for; all others are Node's or the system's defaults. */
interface SignalHandlers {
  /** Text for the log, not in its usual form, since it comes from a signal handler. */
  announce(text: string): void;
  /** The clean shutdown should begin at the next tick. */
  shutDownSoon(): void;
  /** Files that may have changed are to be read again. */
  reload(): void;
  exit(code: number): void;
}

/** [SIGNAL-STOP] SIGPIPE is ignored by Node already. */
export function installSignals(handlers: SignalHandlers): void {
  let asked = false;
  const stop = (name: "SIGTERM" | "SIGINT"): void => {
    if (asked && name === "SIGINT") {
      handlers.announce("You insist... exiting now.");
      return handlers.exit(1);
    }
    asked = true;
    handlers.announce(`Received ${name} scheduling shutdown...`);
    handlers.shutDownSoon();
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGHUP", () => handlers.reload());
  // Node would open its debugger to everyone on this machine; a Redis dies of it.
  process.once("SIGUSR1", () => process.kill(process.pid, "SIGUSR1"));
}

/** The end that SIGTERM has where nobody listens to it: no thread of Node is waited for. */
export function endBySignal(): void {
  process.removeAllListeners("SIGTERM");
  process.kill(process.pid, "SIGTERM");
}
