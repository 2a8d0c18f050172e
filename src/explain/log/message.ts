import { type Parts, partsOf } from "../payload.ts";
import { WORDS } from "../words.ts";

/** What a message of a Sentinel's log says, if it is of use here. */
export type Said =
  | {
      readonly type: "event";
      readonly name: string;
      readonly payload: string;
      readonly parts: Parts;
    }
  /** A start begins. */
  | { readonly type: "starting" }
  | { readonly type: "version"; readonly text: string }
  | { readonly type: "running" }
  | { readonly type: "id"; readonly runId: string }
  | { readonly type: "stopping"; readonly text: string }
  /** Of a C Sentinel that leads: whom another one voted for. */
  | {
      readonly type: "vote";
      readonly sentinel: string;
      readonly leader: string;
      readonly epoch: string;
    }
  | {
      readonly type: "requested";
      readonly master: string;
      readonly kind: "forced" | "coordinated" | "handover";
    }
  | { readonly type: "held"; readonly master: string }
  | {
      readonly type: "ending";
      readonly master: string;
      readonly why: string;
      readonly isBack: boolean;
    }
  | {
      readonly type: "unfit";
      readonly replica: string;
      readonly master: string;
      readonly why: string;
    }
  /** The one that was selected; which master it is of, it does not tell. */
  | { readonly type: "lost"; readonly replica: string; readonly why: string }
  | { readonly type: "refused"; readonly master: string; readonly why: string }
  | { readonly type: "trouble"; readonly kind: "save" | "name" | "lost"; readonly text: string };

/** Messages have 1,023 bytes at most; ours, with their advice, sometimes more. */
const LONGEST = 4_096;

const EVENT = /^([+-][a-z-]+) (.*)$/s;

type Read = (words: readonly string[]) => Said;

/** Messages that are no events, of C and of ours. */
const OTHERS: readonly (readonly [RegExp, Read])[] = [
  [/^oO0OoO0OoO0Oo \w+ is starting|^redis-sentinel-ts is starting$/, () => ({ type: "starting" })],
  [
    /^((?:Redis|Valkey|redis-sentinel-ts) version=[^,]+)(?:,|$)/,
    ([text = ""]) => ({ type: "version", text }),
  ],
  [/^Running mode=sentinel, port=\d+/, () => ({ type: "running" })],
  [/^Sentinel ID is ([0-9a-f]{40})$/, ([runId = ""]) => ({ type: "id", runId })],
  [/^(.* is now ready to exit), bye bye/, ([text = ""]) => ({ type: "stopping", text })],
  [/^(.* crashed by signal: \d+)/, ([text = ""]) => ({ type: "stopping", text })],
  [/^(Unexpected error, exiting.*)/, ([text = ""]) => ({ type: "stopping", text })],
  [
    /^([0-9a-f]{40}) voted for ([0-9a-f]{40}) (\d{1,19})$/,
    ([sentinel = "", leader = "", epoch = ""]) => ({ type: "vote", sentinel, leader, epoch }),
  ],
  [
    /^Executing user requested (.*?)FAILOVER of '(.*)'$/is,
    ([how = "", master = ""]) => {
      return {
        type: "requested",
        master,
        kind: /coordinated/i.test(how) ? "coordinated" : "forced",
      };
    },
  ],
  [
    /^Handing (.*) over: its master shuts down$/s,
    ([master = ""]) => ({ type: "requested", master, kind: "handover" }),
  ],
  [
    /^(.*?) is (not handed over, though its master shuts down: .*)$/s,
    ([master = "", why = ""]) => ({ type: "refused", master, why }),
  ],
  [/^Writes of (.*) were held back for \d+ ms$/s, ([master = ""]) => ({ type: "held", master })],
  [
    /^Failover of (.*) ended: (its master answers again)$/s,
    ([master = "", why = ""]) => ({ type: "ending", master, why, isBack: true }),
  ],
  [
    /^Coordinated failover of (.*?) given up: (.*)$/s,
    ([master = "", why = ""]) => ({ type: "ending", master, why, isBack: false }),
  ],
  [
    /^Replica (\S+) of (.*?) is not promoted: (.*)$/s,
    ([replica = "", master = "", why = ""]) => ({ type: "unfit", replica, master, why }),
  ],
  [
    /^Replica (\S+) (refused its promotion|was lost before its promotion): choosing again$/,
    ([replica = "", why = ""]) => ({ type: "lost", replica, why }),
  ],
  [
    /^No failover of (.*?): (.*)$/s,
    ([master = "", why = ""]) => ({ type: "refused", master, why }),
  ],
  [
    /^WARNING: (Sentinel was not able to save the new configuration on disk)!!!:? ?(.*)$/s,
    ([what = "", why = ""]) => ({ type: "trouble", kind: "save", text: `${what}: ${why}` }),
  ],
  [
    /^(Failed to resolve hostname '.*')/s,
    ([text = ""]) => ({ type: "trouble", kind: "name", text }),
  ],
  [
    /^(\d+ lines of the log were lost) here/,
    ([text = ""]) => ({ type: "trouble", kind: "lost", text }),
  ],
];

/** Null: it tells nothing that a history needs. */
export function readMessage(message: string): Said | null {
  if (message.length > LONGEST) return null;
  const [, name = "", payload = ""] = EVENT.exec(message) ?? [];
  const words = WORDS.get(name);
  if (words !== undefined) {
    const parts = partsOf(payload, words.form);
    return parts && { type: "event", name, payload, parts };
  }
  for (const [pattern, read] of OTHERS) {
    const found = pattern.exec(message);
    if (found !== null) return read(found.slice(1).map((word) => word ?? ""));
  }
  return null;
}
