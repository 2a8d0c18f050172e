import assert from "node:assert/strict";
import { test } from "node:test";
import type { Incident } from "../../src/base/journal-entry.ts";
import type { Effect } from "../../src/core/effect.ts";
import { NO_EXTRA } from "../../src/core/extra.ts";
import type { ClientId } from "../../src/core/input.ts";
import { type Organs, perform } from "../../src/runtime/perform.ts";
import { connectionId, requestId, scriptJobId } from "../support/ids.ts";

/** Organs that write down what reached them. */
function recording(): { organs: Organs; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]): void => {
      calls.push([name, ...args]);
    };
  const organs: Organs = {
    links: { connect: note("connect"), disconnect: note("disconnect"), send: note("send") },
    server: { reply: note("reply"), publish: note("publish") },
    resolver: { resolve: note("resolve") },
    scripts: { run: note("run"), kill: note("kill") },
    journal: { write: note("journal") },
    faults: { tell: note("tell") },
    keep: note("keep"),
    askAgain: note("askAgain"),
    onlookers: [{ hear: note("hear"), note: note("note") }],
    configure: note("configure"),
    log: { write: note("write"), event: note("event"), setThreshold: note("setThreshold") },
  };
  return { organs, calls };
}

const NO_SETTINGS: ReadonlyMap<string, string> = new Map();

const CONNECT: Effect = {
  type: "connect",
  connection: connectionId(1),
  purpose: "pubsub",
  host: "db",
  ip: "10.0.0.1",
  port: 6379,
};
const SEND: Effect = {
  type: "send",
  connection: connectionId(1),
  request: requestId(2),
  args: ["PING"],
  asksInfo: false,
  subscribes: false,
};
const TILT: Incident = {
  type: "note",
  name: null,
  kind: "tilt",
  result: "began",
  text: "",
  lastedMs: null,
  by: null,
};
const REPLY = { type: "status", text: "OK" } as const;

const CASES: readonly (readonly [effect: Effect, calls: readonly unknown[][]])[] = [
  [CONNECT, [["connect", CONNECT]]],
  [{ type: "disconnect", connection: connectionId(3) }, [["disconnect", 3]]],
  [SEND, [["send", SEND]]],
  [{ type: "reply", client: 4 as ClientId, reply: REPLY }, [["reply", 4, REPLY]]],
  [
    { type: "journal", at: 6, incident: TILT },
    [
      ["journal", 6, TILT],
      ["note", TILT],
    ],
  ],
  [{ type: "log", level: "debug", text: "x" }, [["write", "debug", "x"]]],
  [{ type: "resolve", host: "caf\xc3\xa9" }, [["resolve", "café"]]],
  [
    { type: "runScript", job: scriptJobId(5), argv: ["/bin/true", "a"] },
    [["run", 5, ["/bin/true", "a"]]],
  ],
  [{ type: "killScript", job: scriptJobId(5), pid: 99 }, [["kill", 5]]],
  [{ type: "configure", settings: NO_SETTINGS }, [["configure", NO_SETTINGS]]],
  [{ type: "logLevel", threshold: "verbose" }, [["setThreshold", "verbose"]]],
  [{ type: "keep", extra: NO_EXTRA }, [["keep", NO_EXTRA]]],
  [{ type: "again" }, [["askAgain"]]],
  [{ type: "fault", where: "the tick", error: 1 }, [["tell", "the tick", 1]]],
];

for (const [effect, expected] of CASES) {
  test(`${effect.type} reaches its organ`, () => {
    const { organs, calls } = recording();
    perform(organs, effect);
    assert.deepEqual(calls, expected);
  });
}

test("events are logged and published, those of level debug only logged", () => {
  const { organs, calls } = recording();
  for (const level of ["warning", "notice", "verbose", "debug"] as const) {
    perform(organs, { type: "event", level, name: "+sdown", payload: "master m" });
  }
  const published = calls.filter(([name]) => name === "publish");
  assert.deepEqual(published, Array(3).fill(["publish", "+sdown", "master m"]));
  assert.equal(calls.filter(([name]) => name === "event").length, 4);
});
