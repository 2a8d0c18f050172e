import assert from "node:assert/strict";
import { test } from "node:test";
import type { Effect, Output } from "../../src/core/effect.ts";
import type { Input } from "../../src/core/input.ts";
import { Daemon, type SaveOutcome, type World } from "../../src/runtime/daemon.ts";
import { connectionId } from "../support/ids.ts";

const NOTHING: Output = { saveConfig: false, effects: [] };

function logEffect(text: string): Effect {
  return { type: "log", level: "notice", text };
}

/** A machine that follows a script and a world that writes down what happens, in order. */
function scripted(
  answer: (input: Input) => Output,
  outcome: SaveOutcome = { ok: true },
  onPerform: (text: string, daemon: Daemon) => void = () => undefined,
): {
  daemon: Daemon;
  happened: string[];
  faults: unknown[][];
  broken: unknown[];
  afterInput: () => void;
} {
  const happened: string[] = [];
  const faults: unknown[][] = [];
  const broken: unknown[] = [];
  const pending: (() => void)[] = [];
  const afterInput = () => {
    for (const callback of pending.splice(0)) callback();
  };
  let now = 0;
  const world: World = {
    now: () => ++now,
    save: () => {
      happened.push("save");
      return outcome;
    },
    perform: (effect) => {
      const text = effect.type === "log" ? effect.text : effect.type;
      happened.push(`effect ${text}`);
      onPerform(text, daemon);
    },
    scheduleSave: (callback) => pending.push(callback),
    fault: (where, error) => faults.push([where, error]),
    broken: (error) => broken.push(error),
  };
  const daemon = new Daemon(
    {
      step: (input, at) => {
        happened.push(`${input.type} at ${at}`);
        return answer(input);
      },
    },
    world,
  );
  return { daemon, happened, faults, broken, afterInput };
}

test("the file is saved before any effect, and `saved` follows before other inputs", () => {
  const { daemon, happened, afterInput } = scripted(
    (input) =>
      input.type === "start"
        ? { saveConfig: true, effects: [logEffect("a"), logEffect("b")] }
        : NOTHING,
    { ok: true },
    (text, self) => {
      if (text === "a") self.dispatch({ type: "tick" });
    },
  );
  daemon.dispatch({ type: "start" });
  assert.deepEqual(happened, ["start at 1"]);
  afterInput();
  assert.deepEqual(happened, [
    "start at 1",
    "saving at 2",
    "save",
    "effect a",
    "effect b",
    "saved at 3",
    "tick at 4",
  ]);
});

test("a failed save performs the effects and is told with its reason", () => {
  const inputs: Input[] = [];
  const { daemon, happened, afterInput } = scripted(
    (input) => {
      inputs.push(input);
      return { saveConfig: input.type === "tick", effects: [logEffect(`after ${input.type}`)] };
    },
    { ok: false, reason: "No space left on device" },
  );
  daemon.dispatch({ type: "tick" });
  afterInput();
  assert.deepEqual(happened, [
    "tick at 1",
    "saving at 2",
    "save",
    "effect after saving",
    "effect after tick",
    "saveFailed at 3",
    "effect after saveFailed",
  ]);
  assert.deepEqual(inputs[2], { type: "saveFailed", reason: "No space left on device" });
});

test("a save asked for by `saved` itself is done, too", () => {
  let saves = 0;
  const { daemon, happened, afterInput } = scripted((input) => ({
    saveConfig: input.type === "tick" || (input.type === "saved" && ++saves < 2),
    effects: [],
  }));
  daemon.dispatch({ type: "tick" });
  afterInput();
  assert.deepEqual(happened, ["tick at 1", "saving at 2", "save", "saved at 3"]);
  afterInput();
  assert.deepEqual(happened.slice(4), ["saving at 4", "save", "saved at 5"]);
});

test("one save serves every input that came before it, and nothing is said before it [D-ONE-SAVE]", () => {
  const { daemon, happened, afterInput } = scripted((input) => ({
    saveConfig: input.type === "start" || input.type === "tick",
    effects: input.type === "saved" ? [] : [logEffect(input.type)],
  }));
  daemon.dispatch({ type: "resolved", host: "a", ip: null });
  daemon.dispatch({ type: "start" });
  daemon.dispatch({ type: "resolved", host: "b", ip: null });
  daemon.dispatch({ type: "tick" });
  afterInput();
  assert.deepEqual(happened, [
    "resolved at 1",
    "effect resolved",
    "start at 2",
    "resolved at 3",
    "tick at 4",
    "saving at 5",
    "save",
    "effect saving",
    "effect start",
    "effect resolved",
    "effect tick",
    "saved at 6",
  ]);
});

test("what waits for a save is saved and said at once when the process ends", () => {
  const { daemon, happened, afterInput } = scripted((input) => ({
    saveConfig: input.type === "tick",
    effects: input.type === "tick" ? [logEffect("a")] : [],
  }));
  daemon.flush();
  daemon.dispatch({ type: "tick" });
  daemon.flush();
  afterInput();
  assert.deepEqual(happened, ["tick at 1", "saving at 2", "save", "effect a", "saved at 3"]);
});

test("inputs that arise meanwhile wait in order and never nest", () => {
  const { daemon, happened } = scripted(
    (input) =>
      input.type === "start"
        ? { saveConfig: false, effects: [logEffect("x"), logEffect("y")] }
        : NOTHING,
    { ok: true },
    (text, self) => {
      self.dispatch({ type: "linkDown", connection: connectionId(1), reason: text });
      if (text === "y") self.dispatch({ type: "tick" });
    },
  );
  daemon.dispatch({ type: "start" });
  assert.deepEqual(happened, [
    "start at 1",
    "effect x",
    "effect y",
    "linkDown at 2",
    "linkDown at 3",
    "tick at 4",
  ]);
});

test("an exception in the core is reported once and ends the loop", () => {
  const bug = new Error("invariant broken");
  const { daemon, happened, broken } = scripted(() => {
    throw bug;
  });
  daemon.dispatch({ type: "start" });
  daemon.dispatch({ type: "tick" });
  assert.deepEqual(broken, [bug]);
  assert.deepEqual(happened, ["start at 1"]);
});

test("as many effects as anybody can cause wait for a save", () => {
  const count = 300_000;
  const { daemon, happened, broken, afterInput } = scripted((input) => ({
    saveConfig: input.type === "start",
    effects: input.type === "start" ? Array.from({ length: count }, () => logEffect("x")) : [],
  }));
  daemon.dispatch({ type: "start" });
  afterInput();
  assert.deepEqual(broken, []);
  assert.equal(happened.filter((one) => one === "effect x").length, count);
});

test("an effect that cannot be performed is told, and keeps no other from being", () => {
  const bug = new Error("no such address");
  const { daemon, happened, faults, afterInput } = scripted(
    (input) => ({
      saveConfig: input.type === "tick",
      effects: ["start", "tick"].includes(input.type) ? [logEffect("a"), logEffect("b")] : [],
    }),
    { ok: true },
    (text) => {
      if (text === "a") throw bug;
    },
  );
  daemon.dispatch({ type: "start" });
  daemon.dispatch({ type: "tick" });
  afterInput();
  const once = ["effect a", "effect b"];
  const saving = ["tick at 2", "saving at 3", "save", ...once, "saved at 4"];
  assert.deepEqual(happened, ["start at 1", ...once, ...saving]);
  assert.deepEqual(faults, Array(2).fill(["the effect 'log'", bug]));
});
