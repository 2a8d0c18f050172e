import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigRewriter } from "../../src/config/config-rewriter.ts";
import type { RewriteInput } from "../../src/config/rewrite.ts";
import type { MasterConfig, SentinelConfig } from "../../src/core/config.ts";
import type { MasterSettings } from "../../src/core/master-settings.ts";
import { DEFAULT_USER, ID, load } from "./support.ts";

// A rewriter that wrote the file before goes on from what it knows; nobody may see the difference.

const PATH = "sentinel.conf";
/** So many that parts of the text stay as they are, or move as a whole. */
const COMMENTS = Array.from({ length: 200 }, (_, at) => `# ${at}\n`).join("");
const START = `requirepass x
${COMMENTS}sentinel monitor a 10.0.0.1 6379 2
sentinel known-slave a 10.0.0.2 6379
${COMMENTS}${COMMENTS}sentinel monitor b 10.0.1.1 6379 2
sentinel primary-reboot-down-after-period b 5
`;

type Change = (now: RewriteInput) => Partial<RewriteInput>;
/** `which` says of what master or line the change speaks, `at` and `word` are values. */
type Changing = (which: number, at: number, word: string) => Change;

const sentinel =
  (change: (config: SentinelConfig) => Partial<SentinelConfig>): Change =>
  (now) => ({ sentinel: { ...now.sentinel, ...change(now.sentinel) } });

const masters = (change: (all: readonly MasterConfig[]) => readonly MasterConfig[]): Change =>
  sentinel(({ masters: all }) => ({ masters: change(all) }));

const master = (which: number, change: (m: MasterConfig) => Partial<MasterConfig>): Change =>
  masters((all) =>
    all.map((m, index) => (index === which % all.length ? { ...m, ...change(m) } : m)),
  );

const setting = (which: number, change: (m: MasterSettings) => Partial<MasterSettings>): Change =>
  master(which, (m) => ({ settings: { ...m.settings, ...change(m.settings) } }));

const lines =
  (change: (all: string[]) => string[]): Change =>
  (now) => ({
    oldText: change(now.oldText.split("\n")).join("\n"),
  });

const newMaster = (name: string): MasterConfig => {
  const [first] = load(START).sentinel.masters;
  assert.ok(first);
  return { ...first, name, replicas: [] };
};

const address = (at: number) => ({ host: `10.9.0.${at}`, port: 6000 + at });
const peer = (id: number, at: number) => ({ ...address(at), runId: String(id % 4).repeat(40) });

/** What every Sentinel lives through. */
const USUAL: Readonly<Record<string, Changing>> = {
  nothing: () => () => ({}),
  vote: (which) => master(which, (m) => ({ leaderEpoch: m.leaderEpoch + 1n })),
  epoch: () => sentinel(({ currentEpoch }) => ({ currentEpoch: currentEpoch + 1n })),
  configuration: (which, at) =>
    master(which, (m) => ({ configEpoch: m.configEpoch + 9n, ...address(at) })),
  "replica found": (which, at) =>
    master(which, (m) => ({ replicas: [...m.replicas, address(at)] })),
  "replica gone": (which) => master(which, (m) => ({ replicas: m.replicas.slice(1) })),
  "sentinel found": (which, at) =>
    master(which, (m) => ({
      sentinels: [...m.sentinels.filter(({ runId }) => runId !== peer(at, at).runId), peer(at, at)],
    })),
  "sentinel gone": (which) => master(which, (m) => ({ sentinels: m.sentinels.slice(1) })),
  monitored: (_, at) => masters((all) => [...all, newMaster(`m ${all.length + at}`)]),
  removed: (which) => masters((all) => all.filter((_, index) => index !== which % all.length)),
};

/** What an operator may ask of it, or an enemy. Some of these states cannot be written. */
const UNUSUAL: Readonly<Record<string, Changing>> = {
  "epoch beyond": (which) => master(which, () => ({ configEpoch: 2n ** 63n })),
  "name resolved": (which, at, word) =>
    master(which, (m) => ({ replicas: [...m.replicas, { host: word, port: at }] })),
  "id used twice": (which, at) =>
    master(which, (m) => ({ sentinels: [...m.sentinels, peer(which, at)] })),
  "name used twice": () => masters((all) => [...all, newMaster("a")]),
  quorum: (which, at) => setting(which, () => ({ quorum: at })),
  password: (which, _, word) => setting(which, () => ({ authPass: word })),
  renamed: (which, _, word) =>
    setting(which, (m) => ({ renamedCommands: [...m.renamedCommands, ["CONFIG", word]] })),
  period: (which, at) => setting(which, () => ({ downAfterMs: 29_999 + (at % 3) })),
  reboot: (which, at) => setting(which, () => ({ rebootDownAfterMs: at % 3 })),
  "no reboot": () =>
    masters((all) => all.map((m) => ({ ...m, settings: { ...m.settings, rebootDownAfterMs: 0 } }))),
  order: () => masters((all) => all.toReversed()),
  names: (_, at) => sentinel(() => ({ resolveHostnames: at % 2 === 0 })),
  announced: (_, at, word) => sentinel(() => ({ announceIp: word, announcePort: at })),
  users: (_, at) => () => ({ users: at % 3 === 0 ? null : [DEFAULT_USER, "u on"].slice(at % 2) }),
  "wrong user": () => () => ({ users: ["u nosuch"] }),
  level: (_, at) => () => ({ loglevel: at % 2 === 0 ? "debug" : "notice" }),
  "line typed": (which, _, word) => lines((all) => all.toSpliced(which * 40, 0, word)),
  "line deleted": (which) => lines((all) => all.toSpliced(which * 40, 1)),
  emptied: () => () => ({ oldText: "" }),
};
const CHANGES: Readonly<Record<string, Changing>> = { ...USUAL, ...UNUSUAL };

const word = fc.oneof(
  fc.constantFrom("host.example", "10.0.0.1", "", "a b", '"', "\n", "# ???", "  # indented"),
  fc.constantFrom("sentinel monitor z 10.0.0.1 1 1", "sentinel nosuch", "include x", "port 7"),
  fc.constantFrom("sentinel auth-pass a typed", "sentinel known-slave a 10.0.0.9 1", "hz 'x"),
  fc.constantFrom("sentinel current-epoch 99", "bind 1.1.1.1", "lookahead x"),
);
const kind = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...Object.keys(USUAL)) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(UNUSUAL)) },
);
const change = fc.tuple(kind, fc.nat({ max: 9 }), fc.nat({ max: 9 }), word);
const changes = fc.array(change, { minLength: 1, maxLength: 40, size: "max" });

function start(text: string, files = {}): RewriteInput {
  const { generic, sentinel: loaded } = load(text, files);
  return {
    ...{ oldText: text, generic, users: [DEFAULT_USER], loglevel: "notice", workingDir: "/work" },
    sentinel: { ...loaded, myId: ID },
  };
}

/** A rewriter that saw all that came before must say what one says that saw nothing. */
function saveAfterEach(
  first: RewriteInput,
  sequence: readonly (readonly [string, number, number, string])[],
) {
  const rewriter = new ConfigRewriter(PATH);
  let now = first;
  for (const [what, which, at, text] of sequence) {
    const changed = { ...now, ...CHANGES[what]?.(which, at, text)(now) };
    const renewed = rewriter.renew(changed);
    assert.deepEqual(renewed, new ConfigRewriter(PATH).renew(changed), what);
    // A state that cannot be written comes and goes; the file stays as it was.
    if (renewed.ok) now = { ...changed, oldText: renewed.text };
  }
}

test("whatever changes, the text is the one that a new rewriter makes", () => {
  const first = start(START);
  fc.assert(
    fc.property(changes, (sequence) => saveAfterEach(first, sequence)),
    { numRuns: 100 },
  );
});

test("the same where an included file speaks of masters", () => {
  const files = { i: "sentinel monitor a 10.0.0.1 6379 2\nsentinel down-after-milliseconds a 7\n" };
  const first = start("include i\nsentinel monitor b 10.0.0.2 6379 2\n", files);
  fc.assert(
    fc.property(changes, (sequence) => saveAfterEach(first, sequence)),
    { numRuns: 20 },
  );
});

test("what was right while names were resolved is not taken for right afterwards", () => {
  saveAfterEach(start(START), [
    ["names", 0, 0, ""],
    ["name resolved", 0, 1, "host.example"],
    ["vote", 1, 0, ""],
    ["names", 0, 1, ""],
    ["vote", 0, 0, ""],
  ]);
});
