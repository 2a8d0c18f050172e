import { leadingInt32, leadingMillis, strictNumber } from "../base/integers.ts";

/**
 * What an operator sets for one master: a row for each setting, read by all who deal with settings. These are the
 * reader and the writer of the file (`src/config`), SENTINEL SET, SENTINEL MONITOR and SENTINEL MASTER. A new setting
 * is a new row, at the end: the order is that of the lines in the file [FILE-SENTINEL] and of the fields of
 * SENTINEL MASTER [SENTINEL-FIELDS].
 */
interface Setting<T> {
  /** Of its `sentinel` directive, of its option in SENTINEL SET, and of its field in SENTINEL MASTER. */
  readonly name: string;
  /** Valkey's word for it: file and SET understand it as well. */
  readonly valkeyName: string | null;
  /** Without a line of it, and in a master that SENTINEL MONITOR makes. */
  readonly byDefault: T;
  /** Whether it has a directive of its own. */
  readonly hasLine: boolean;
  /** Whether SENTINEL MASTER shows it behind what it knows of the master; an empty text never. */
  readonly isShown: boolean;
  /** Its value is in no event. */
  readonly isSecret: boolean;
  /** A path that this process executes: SENTINEL SET may be forbidden to change it. */
  readonly isScript: boolean;
  /** The servers are told it at the beginning of a connection, and once it is set [D-LIVE-AUTH]. */
  readonly isCredential: boolean;
  /** Reads the word of a line as C does, which takes much; the refusal is C's sentence. */
  fromFile(word: string, isExecutable: IsExecutable): Read<T, string>;
  /** Reads the word of SENTINEL SET; the refusal is the sentence, or null: an invalid argument. */
  fromSet(word: string, isExecutable: IsExecutable): Read<T, string | null>;
  /** The word of a line that says this value; null: no line does. */
  toFile(value: T): string | null;
}

type IsExecutable = (path: string) => boolean;
type Read<T, Refusal> = { readonly value: T } | { readonly refusal: Refusal };

const USUAL = {
  ...{ valkeyName: null, hasLine: true, isShown: true },
  ...{ isSecret: false, isScript: false, isCredential: false },
} as const;

const ROWS = {
  /** It stands in the `monitor` line, which no master is without: the default is of no effect. */
  quorum: count("quorum", 1, { hasLine: false }),
  /** SENTINEL MASTER shows it elsewhere, as do REPLICAS and SENTINELS. */
  downAfterMs: period("down-after-milliseconds", 30_000, 1, { isShown: false }),
  failoverTimeoutMs: period("failover-timeout", 180_000, 1),
  parallelSyncs: count("parallel-syncs", 1),
  notificationScript: script("notification-script", "Notification script"),
  clientReconfigScript: script("client-reconfig-script", "Client reconfiguration script"),
  authPass: credential("auth-pass", { isSecret: true }),
  authUser: credential("auth-user"),
  /** 0: off. */
  rebootDownAfterMs: period("master-reboot-down-after-period", 0, 0, {
    valkeyName: "primary-reboot-down-after-period",
    isShown: false,
  }),
};

/** A setting with one value. */
export type SettingField = keyof typeof ROWS;
type Values = { readonly [K in SettingField]: (typeof ROWS)[K]["byDefault"] };

/** Never changed: who sets something puts another object in its place. */
export interface MasterSettings extends Values {
  /** The only list, which has rules of its own in the file and in SENTINEL SET; in the order of the file. */
  readonly renamedCommands: RenamedCommands;
}

/** Command name as the server of old knew it, and what it is called now; in whatever case, none twice. */
export type RenamedCommands = readonly (readonly [from: string, to: string])[];

export const MASTER_SETTINGS: { readonly [K in SettingField]: Setting<MasterSettings[K]> } = ROWS;
/** In the order of the table. */
export const SETTING_FIELDS = Object.keys(ROWS) as readonly SettingField[];

export const DEFAULT_SETTINGS: MasterSettings = { ...defaults(), renamedCommands: [] };

const BY_NAME: ReadonlyMap<string, SettingField> = new Map(
  SETTING_FIELDS.flatMap((field) => namesOf(MASTER_SETTINGS[field]).map((name) => [name, field])),
);

/** `name` in lower case, Redis' or Valkey's. */
export function settingNamed(name: string): SettingField | undefined {
  return BY_NAME.get(name);
}

type Names = Pick<Setting<unknown>, "name" | "valkeyName">;

/** Redis' name first. */
export function namesOf({ name, valkeyName }: Names): readonly string[] {
  return valkeyName === null ? [name] : [name, valkeyName];
}

/** The same settings but for one; the same object if it has that value. */
export function withSetting<K extends SettingField>(
  settings: MasterSettings,
  field: K,
  value: MasterSettings[K],
): MasterSettings {
  return settings[field] === value ? settings : { ...settings, [field]: value };
}

/** The word of the line of this setting; null: there is none that would say it. */
export function wordOf<K extends SettingField>(settings: MasterSettings, field: K): string | null {
  return MASTER_SETTINGS[field].toFile(settings[field]);
}

type Traits = Partial<Pick<Setting<unknown>, "valkeyName" | "hasLine" | "isShown" | "isSecret">>;

/** quorum and parallel-syncs are 32 bit in a C Sentinel, which must read our file back [D-REFUSED-VALUES]. */
export const MAX_COUNT = 2_147_483_647;

/** How many of something; SET wants one at least, and the file takes whatever C makes of the word. */
function count(name: string, byDefault: number, traits: Traits = {}): Setting<number> {
  return {
    ...{ ...USUAL, ...traits, name, byDefault },
    fromFile: (word) => ({ value: leadingInt32(word) }),
    fromSet: (word) => valid(strictNumber(word, 1, MAX_COUNT)),
    toFile: String,
  };
}

/** Milliseconds. */
function period(
  name: string,
  byDefault: number,
  least: 0 | 1,
  traits: Traits = {},
): Setting<number> {
  const refusal = least === 0 ? "negative time parameter." : "negative or zero time parameter.";
  return {
    ...{ ...USUAL, ...traits, name, byDefault },
    fromFile(word) {
      const value = leadingMillis(word);
      return value < least ? { refusal } : { value };
    },
    fromSet: (word) => valid(strictNumber(word, least, Number.MAX_SAFE_INTEGER)),
    toFile: String,
  };
}

/** The path of a program; SET takes it back with an empty word, and no line can. */
function script(name: string, what: string): Setting<string | null> {
  const refusal = `${what} seems non existing or non executable`;
  return {
    ...{ ...USUAL, name, byDefault: null, isScript: true },
    fromFile: (path, isExecutable) =>
      isExecutable(path) ? { value: path } : { refusal: `${refusal}.` },
    fromSet: (path, isExecutable) =>
      path === "" || isExecutable(path) ? { value: path || null } : { refusal },
    toFile: (path) => path,
  };
}

/** A word for AUTH; an empty one takes back what an included file says. */
function credential(name: string, traits: Traits = {}): Setting<string | null> {
  return {
    ...{ ...USUAL, ...traits, name, byDefault: null, isShown: false, isCredential: true },
    fromFile: (word) => ({ value: word }),
    fromSet: (word) => ({ value: word || null }),
    toFile: (word) => word ?? "",
  };
}

function valid(value: number | null): Read<number, null> {
  return value === null ? { refusal: null } : { value };
}

function defaults(): Values {
  const entries = SETTING_FIELDS.map((field) => [field, ROWS[field].byDefault]);
  return Object.fromEntries(entries) as Values;
}
