import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loadConfig } from "../../src/config/load.ts";
import { rewriteConfig } from "../../src/config/rewrite.ts";
import { verifyRewritten } from "../../src/config/verify.ts";
import type { MasterConfig, SentinelConfig } from "../../src/core/config.ts";
import { MAX_EPOCH } from "../../src/core/defaults.ts";
import {
  MASTER_SETTINGS,
  type MasterSettings,
  SETTING_FIELDS,
  type SettingField,
} from "../../src/core/master-settings.ts";
import { load, loaded, sourceOf } from "./support.ts";

/** Any bytes at all, with those that the grammar cares about made frequent. */
const byte = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(" ", '"', "'", "\\", "\n", "\r", "\t", "#", "\0", "\x0b", "x"),
);
const bytes = fc.string({ unit: byte, maxLength: 12 });
const someBytes = fc.string({ unit: byte, minLength: 1, maxLength: 12 });
const optional = fc.option(bytes);
const plain = { noNullPrototype: true };
const epoch = fc.bigInt({ min: 0n, max: MAX_EPOCH });
const port = fc.integer({ min: 0, max: 65_535 });
const millis = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const host = (named: boolean) => (named ? someBytes : fc.oneof(fc.ipV4(), fc.ipV6()));
const runId = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef"),
  minLength: 40,
  maxLength: 40,
});

/** Of a setting without an entry here any value that its kind can have; the defaults are frequent. */
const ODD: { readonly [K in SettingField]?: fc.Arbitrary<MasterSettings[K]> } = {
  quorum: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  parallelSyncs: int32,
};

function anyOf<K extends SettingField>(field: K): fc.Arbitrary<MasterSettings[K]> {
  const { byDefault } = MASTER_SETTINGS[field];
  const usual = typeof byDefault === "number" ? millis : optional;
  return fc.oneof(ODD[field] ?? (usual as fc.Arbitrary<MasterSettings[K]>), fc.constant(byDefault));
}

const settings = fc.record(
  {
    ...arbitraries(),
    renamedCommands: fc.uniqueArray(fc.tuple(bytes, bytes), {
      selector: ([from]) => from.toLowerCase(),
      maxLength: 3,
    }),
  },
  plain,
);

function arbitraries(): { [K in SettingField]: fc.Arbitrary<MasterSettings[K]> } {
  const entries = SETTING_FIELDS.map((field) => [field, anyOf(field)]);
  return Object.fromEntries(entries);
}

const master = (named: boolean): fc.Arbitrary<MasterConfig> =>
  fc.record(
    {
      name: bytes,
      host: host(named),
      port,
      settings,
      configEpoch: epoch,
      leaderEpoch: epoch,
      replicas: fc.uniqueArray(fc.record({ host: host(named), port }, plain), {
        selector: (at) => `${at.host} ${at.port}`,
        maxLength: 4,
      }),
      sentinels: fc.uniqueArray(fc.record({ host: host(named), port, runId: bytes }, plain), {
        selector: (peer) => peer.runId,
        maxLength: 4,
      }),
    },
    plain,
  );

const state: fc.Arbitrary<SentinelConfig> = fc.boolean().chain((named) =>
  fc.record(
    {
      myId: fc.option(runId),
      currentEpoch: epoch,
      denyScriptsReconfig: fc.boolean(),
      resolveHostnames: fc.constant(named),
      announceHostnames: fc.boolean(),
      announceIp: fc.option(someBytes),
      announcePort: int32,
      sentinelUser: fc.option(someBytes),
      sentinelPass: fc.option(someBytes),
      masters: fc.uniqueArray(master(named), { selector: ({ name }) => name, maxLength: 3 }),
    },
    plain,
  ),
);

/** An old file from which every kind of line may be reused. */
const OLD = `# head
sentinel monitor a 10.0.0.1 6379 2
sentinel down-after-milliseconds a 5
sentinel auth-pass a x
sentinel known-slave a 10.0.0.2 6379
sentinel known-sentinel a 10.0.0.3 26379 0000000000000000000000000000000000000000
sentinel rename-command a get x
# foot
sentinel announce-ip 10.0.0.5
sentinel monitor b 10.0.0.9 6379 2
sentinel config-epoch b 3
sentinel primary-reboot-down-after-period b 5
sentinel resolve-hostnames no
`;

function write(sentinel: SentinelConfig, oldText: string): string {
  const { generic } = load("");
  return rewriteConfig({
    oldText,
    generic,
    users: ["default on nopass sanitize-payload ~* &* +@all"],
    sentinel,
    loglevel: "notice",
    workingDir: "/work",
  });
}

/** What loading does to a state: no epoch of a master lies above the current one. */
function settled(sentinel: SentinelConfig): SentinelConfig {
  let { currentEpoch } = sentinel;
  for (const { configEpoch } of sentinel.masters) {
    if (configEpoch > currentEpoch) currentEpoch = configEpoch;
  }
  return { ...sentinel, currentEpoch };
}

test("what was written loads to the same state, whatever bytes it holds [D-QUOTES]", () => {
  fc.assert(
    fc.property(state, (sentinel) => {
      const everything = { ...sourceOf(write(sentinel, "")), isExecutable: () => true };
      assert.deepEqual(loaded(loadConfig(everything)).sentinel, settled(sentinel));
    }),
    { numRuns: 300 },
  );
});

test("what was written over an older file passes its verification, once and again", () => {
  fc.assert(
    fc.property(state, state, (first, second) => {
      const { generic } = load("");
      let oldText = OLD;
      for (const expected of [first, second, second]) {
        oldText = write(expected, oldText);
        const input = { path: "sentinel.conf", text: oldText, expected, generic };
        assert.equal(verifyRewritten(input), null);
        assert.match(oldText, /^# head\n/);
        assert.equal(oldText.match(/^# foot$/gm)?.length, 1);
      }
    }),
    { numRuns: 200 },
  );
});

test("generic texts of any bytes survive a rewrite", () => {
  fc.assert(
    fc.property(someBytes, bytes, (pass, ident) => {
      const escaped = (text: string) =>
        `"${[...text].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`).join("")}"`;
      const old = `requirepass ${escaped(pass)}\nsyslog-ident ${escaped(ident)}\n`;
      const { generic, sentinel } = load(old);
      const text = rewriteConfig({
        ...{ oldText: old, generic, users: null, sentinel },
        ...{ loglevel: "notice", workingDir: "/" },
      });
      const { requirepass, syslogIdent } = load(text).server;
      assert.deepEqual([requirepass, syslogIdent], [pass, ident]);
    }),
  );
});
