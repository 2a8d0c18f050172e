import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DEFAULT_SETTINGS,
  MASTER_SETTINGS,
  namesOf,
  SETTING_FIELDS,
  type SettingField,
  settingNamed,
} from "../../src/core/master-settings.ts";
import { LoneSentinel, plain } from "./harness.ts";

type Value = string | number | null;
/** A word, and the value that it says or the sentence that refuses it; "invalid": no sentence of its own. */
type Reading = readonly [word: string, outcome: Value | { readonly refusal: string | null }];

interface Case {
  readonly byDefault: Value;
  readonly fromFile: readonly Reading[];
  readonly fromSet: readonly Reading[];
  /** A value, and the word of its line; null: it has none. */
  readonly toFile: readonly (readonly [value: Value, word: string | null])[];
}

const MAX_INT = 2_147_483_647;
const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const INVALID = { refusal: null };

const COUNT: Omit<Case, "byDefault"> = {
  fromFile: [
    ["3", 3],
    ["2x", 2],
    ["-1", -1],
    ["abc", 0],
    ["99999999999", 1_215_752_191],
  ],
  fromSet: [
    ["3", 3],
    [`${MAX_INT}`, MAX_INT],
    [`${MAX_INT + 1}`, INVALID],
    ["0", INVALID],
    ["-1", INVALID],
    ["03", INVALID],
    ["3x", INVALID],
  ],
  toFile: [
    [3, "3"],
    [-1, "-1"],
  ],
};

const period = (byDefault: number, least: number, refusal: string): Case => ({
  byDefault,
  fromFile: [
    ["5", 5],
    [" 5s", 5],
    ["0", least === 0 ? 0 : { refusal }],
    ["-1", { refusal }],
    ["9".repeat(30), MAX_SAFE],
  ],
  fromSet: [
    ["5", 5],
    [`${MAX_SAFE}`, MAX_SAFE],
    [`${MAX_SAFE}0`, INVALID],
    ["0", least === 0 ? 0 : INVALID],
    ["-0", INVALID],
    ["-1", INVALID],
    ["5s", INVALID],
  ],
  toFile: [[5, "5"]],
});

const script = (what: string): Case => {
  const missing = `${what} seems non existing or non executable`;
  return {
    byDefault: null,
    fromFile: [
      ["/bin/true", "/bin/true"],
      ["/nowhere", { refusal: `${missing}.` }],
      ["", { refusal: `${missing}.` }],
    ],
    fromSet: [
      ["/bin/true", "/bin/true"],
      ["/nowhere", { refusal: missing }],
      ["", null],
    ],
    toFile: [
      ["/bin/true", "/bin/true"],
      [null, null],
    ],
  };
};

const CREDENTIAL: Case = {
  byDefault: null,
  fromFile: [
    ["a b", "a b"],
    ["", ""],
  ],
  fromSet: [
    ["a b", "a b"],
    ["", null],
  ],
  toFile: [
    ["a b", "a b"],
    ["", ""],
    [null, ""],
  ],
};

const NOT_POSITIVE = "negative or zero time parameter.";

/** One for each setting; a new one fails to compile until it has its own. */
const CASES: { readonly [K in SettingField]: Case } = {
  quorum: { byDefault: 1, ...COUNT },
  downAfterMs: period(30_000, 1, NOT_POSITIVE),
  failoverTimeoutMs: period(180_000, 1, NOT_POSITIVE),
  parallelSyncs: { byDefault: 1, ...COUNT },
  notificationScript: script("Notification script"),
  clientReconfigScript: script("Client reconfiguration script"),
  authPass: CREDENTIAL,
  authUser: CREDENTIAL,
  rebootDownAfterMs: period(0, 0, "negative time parameter."),
};

const isExecutable = (path: string) => path.startsWith("/bin/");
const outcomeOf = <R>(read: { readonly value: Value } | { readonly refusal: R }) =>
  "value" in read ? read.value : read;

function check<K extends SettingField>(field: K): void {
  const setting = MASTER_SETTINGS[field];
  const { byDefault, fromFile, fromSet, toFile } = CASES[field];
  assert.equal(DEFAULT_SETTINGS[field], byDefault);
  for (const [word, outcome] of fromFile) {
    assert.deepEqual(outcomeOf(setting.fromFile(word, isExecutable)), outcome, `file: ${word}`);
  }
  for (const [word, outcome] of fromSet) {
    assert.deepEqual(outcomeOf(setting.fromSet(word, isExecutable)), outcome, `SET: ${word}`);
  }
  for (const [value, word] of toFile) {
    assert.equal((setting.toFile as (value: Value) => string | null)(value), word);
  }
  for (const name of namesOf(setting)) assert.equal(settingNamed(name), field);
}

describe("a setting of a master", () => {
  for (const field of SETTING_FIELDS) {
    it(`${field}: what file and SENTINEL SET take, and what is written`, () => check(field));
  }

  it("is changed by putting other settings in the place of those at hand", () => {
    const sentinel = new LoneSentinel({ denyScriptsReconfig: false });
    const { master } = sentinel;
    const before = master.settings;
    const copy = structuredClone(before);
    const words = "quorum 3 auth-pass x rename-command GET a rename-command SET b quorum 0";
    const reply = sentinel.ask("SENTINEL", "SET", "mymaster", ...words.split(" "));
    assert.equal(plain(reply), "-ERR Invalid argument '0' for SENTINEL SET 'quorum'");
    assert.deepEqual(before, copy);
    const renamedCommands = [...copy.renamedCommands, ["GET", "a"], ["SET", "b"]];
    assert.deepEqual(master.settings, { ...copy, quorum: 3, authPass: "x", renamedCommands });
  });

  it("is the very one of the file, until it is set", () => {
    const sentinel = new LoneSentinel();
    assert.equal(sentinel.core.config().masters[0]?.settings, sentinel.master.settings);
  });

  it("a rename of a command is in effect for what is sent next, in whatever case", () => {
    const sentinel = new LoneSentinel();
    const rename = (from: string, to: string) =>
      sentinel.ask("SENTINEL", "SET", "mymaster", "rename-command", from, to);
    const renames = () => sentinel.master.settings.renamedCommands;
    rename("Ping", "A");
    rename("INFO", "B");
    rename("PING", "C");
    assert.deepEqual(renames(), [
      ["INFO", "B"],
      ["PING", "C"],
    ]);
    rename("info", "INFO");
    assert.deepEqual(renames(), [["PING", "C"]]);
    sentinel.live(2, () => null);
    const sent = new Set(sentinel.sent.map((command) => command.split(" ")[0]));
    assert.ok(sent.has("C") && sent.has("INFO"), [...sent].join());
    assert.ok(!sent.has("PING"));
  });
});
