import { Interner } from "./interner.ts";
import type { Fact, LocalStep } from "./model.ts";

/** What has been said and done so far, as far as an invariant asks for it: sorted `key=value`. */
type History = readonly string[];

export interface FactsOptions {
  readonly voters: number;
  readonly quorum: number;
  /** A C Sentinel is not charged with what its rules allow [D-EPOCH], and its votes count. */
  readonly isC: (index: number) => boolean;
  /** The config epoch of the files in the beginning, which nobody made. */
  readonly firstEpoch: bigint;
}

/**
 * The invariants that no Sentinel can break alone (src/core/README.md). What crashed Sentinels said
 * counts, so the history is a part of the state.
 */
export class Facts {
  readonly #histories = new Interner<History>();
  readonly #next = new Map<string, Heard>();
  readonly #options: FactsOptions;

  constructor(options: FactsOptions) {
    this.#options = options;
    this.#histories.id("", () => []);
  }

  get count(): number {
    return this.#histories.count;
  }

  /** The history with what a Sentinel did, and what that broke. */
  hear(history: number, by: number, { facts, id }: LocalStep): Heard {
    if (facts.length === 0) return { history, violation: null };
    const key = `${history} ${by} ${id}`;
    const known = this.#next.get(key);
    if (known) return known;
    const told = new Map(this.#histories.value(history).map((one) => splitFact(one)));
    let violation: string | null = null;
    for (const fact of facts) violation ??= this.#note(told, by, fact);
    const next = [...told].map(([name, value]) => `${name}=${value}`).sort();
    const heard = { history: this.#histories.id(next.join(), () => next), violation };
    this.#next.set(key, heard);
    return heard;
  }

  #note(told: Map<string, string>, by: number, fact: Fact): string | null {
    switch (fact.kind) {
      case "voted":
        return noteVote(told, by, fact);
      case "elected":
        return this.#noteElected(told, by, fact);
      case "named":
        return noteNamed(told, by, this.#isC(by) ? this.#excusedOfC(told, by, fact) : fact);
      case "says":
        return this.#noteSaid(told, by, fact);
      case "promotes":
        if (fact.forced || told.get(`leader ${fact.group} ${fact.epoch}`) === `${by}`) return null;
        return `I5: ${name(by)} promotes a replica in epoch ${fact.epoch}, which it does not lead`;
      case "said-down":
        told.set(`down ${by} ${fact.address}`, "1");
        return null;
      case "odown":
        return this.#checkQuorum(told, fact);
      default:
        return fact satisfies never;
    }
  }

  /** One leader for each epoch, and a majority voted for it [I5]. */
  #noteElected(told: Map<string, string>, by: number, fact: Fact & { kind: "elected" }) {
    const { group, epoch, address, ownVote } = fact;
    const { voters, quorum } = this.#options;
    let votes = ownVote ? 1 : 0;
    for (let voter = 0; voter < voters; voter++) {
      if (voter !== by && told.get(`vote ${voter} ${group} ${epoch}`) === `${by}`) votes++;
    }
    const needed = Math.max(Math.floor(voters / 2) + 1, quorum);
    if (votes < needed && this.#isC(by)) return null;
    // Names for one server have one leader, too.
    for (const key of [`leader ${group} ${epoch}`, `leader of ${address} ${epoch}`]) {
      const before = told.get(key) ?? `${by}`;
      told.set(key, before);
      if (before === `${by}`) continue;
      return `I5: two leaders in epoch ${epoch}, ${name(Number(before))} and ${name(by)}`;
    }
    if (votes >= needed) return null;
    return `I5: ${name(by)} leads epoch ${epoch} with ${votes} of ${needed} votes`;
  }

  /** It is no leader by the votes that were told: [D-EPOCH], or an operator's. */
  #excusedOfC(told: Map<string, string>, by: number, fact: Fact & { kind: "named" }) {
    const isLeader = told.get(`leader ${fact.group} ${fact.epoch}`) === `${by}`;
    return { ...fact, excused: !isLeader };
  }

  #isC(index: number): boolean {
    return this.#options.isC(index);
  }

  /** Whoever says a configuration, of its own or of another's making, says the same [I6]. */
  #noteSaid(told: Map<string, string>, by: number, fact: Fact & { kind: "says" }): string | null {
    const { group, epoch, address } = fact;
    if (BigInt(epoch) <= this.#options.firstEpoch) return null;
    const key = `named ${group} ${epoch}`;
    const before = told.get(key);
    told.set(key, before ?? `${by} said ${address}`);
    const [other, excuse, named] = before?.split(" ") ?? [];
    if (before === undefined || excuse === "excused" || named === address) return null;
    const one = `${name(Number(other))} names ${named}`;
    return `I6: config epoch ${epoch} has two masters: ${one}, ${name(by)} ${address}`;
  }

  #checkQuorum(told: Map<string, string>, { address, quorum }: Fact & { kind: "odown" }) {
    let saying = 0;
    for (let one = 0; one < this.#options.voters; one++)
      if (told.has(`down ${one} ${address}`)) saying++;
    return saying >= quorum ? null : `quorum: ODOWN while ${saying} of ${quorum} have said down`;
  }
}

export interface Heard {
  readonly history: number;
  readonly violation: string | null;
}

/** One vote of each Sentinel in each epoch, also across crashes [I1]. */
function noteVote(told: Map<string, string>, by: number, fact: Fact & { kind: "voted" }) {
  const key = `vote ${by} ${fact.group} ${fact.epoch}`;
  const before = told.get(key) ?? `${fact.leader}`;
  told.set(key, before);
  if (before === `${fact.leader}`) return null;
  const both = `${name(Number(before))} and for ${name(fact.leader)}`;
  return `I1: ${name(by)} voted in epoch ${fact.epoch} for ${both}`;
}

/**
 * A configuration's epoch belongs to the one who made it [I6]: who else names a master in it may name
 * another one. Only a forced failover that was not answered by all others is excused.
 */
function noteNamed(told: Map<string, string>, by: number, fact: Fact & { kind: "named" }) {
  const { group, epoch, address, excused } = fact;
  const key = `named ${group} ${epoch}`;
  const before = told.get(key);
  told.set(key, before ?? `${by} ${excused ? "excused" : "-"} ${address}`);
  if (before === undefined) return null;
  const [other, excuse, named] = before.split(" ");
  if (other === `${by}` || excused || excuse === "excused") return null;
  if (excuse === "said" && named === address) return null;
  const one = `${name(Number(other))} names ${named}`;
  return `I6: config epoch ${epoch} has two makers: ${one}, ${name(by)} ${address}`;
}

function splitFact(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The invariants of src/core/README.md that are judged here. */
const RULES: Readonly<Record<string, string>> = {
  I1: "one vote per master and epoch, across crashes",
  I2: "a vote or configuration is on disk before anything depends on it",
  I3: "the epoch never falls",
  I4: "a config epoch never falls",
  I5: "one unforced leader per master and epoch, by the votes of a majority",
  I6: "one address per config epoch, and one who made it",
  I8: "a hello moves a master only with a greater config epoch",
  I9: "the file never lists a master as its own replica",
};

/** The violation, with what the invariant says that it breaks. */
export function withRule(violation: string): string {
  const [id = ""] = /I\d+/.exec(violation) ?? [];
  const rule = RULES[id];
  return rule === undefined ? violation : `${violation} (${id} says: ${rule})`;
}

/** As the traces call the Sentinels: S1 is the one with the least id. */
export function name(index: number): string {
  return `S${index + 1}`;
}
