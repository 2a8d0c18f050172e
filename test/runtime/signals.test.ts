import assert from "node:assert/strict";
import { test } from "node:test";
import { installSignals } from "../../src/runtime/process/signals.ts";

test("a second SIGINT does not wait for the tick", () => {
  const happened: string[] = [];
  installSignals({
    announce: (text) => happened.push(text),
    shutDownSoon: () => happened.push("soon"),
    reload: () => happened.push("reload"),
    exit: (code) => happened.push(`exit ${code}`),
  });
  for (const signal of ["SIGTERM", "SIGHUP", "SIGTERM", "SIGINT"] as const) {
    process.emit(signal, signal);
  }
  assert.deepEqual(happened, [
    "Received SIGTERM scheduling shutdown...",
    "soon",
    "reload",
    "Received SIGTERM scheduling shutdown...",
    "soon",
    "You insist... exiting now.",
    "exit 1",
  ]);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"])
    process.removeAllListeners(signal);
});
