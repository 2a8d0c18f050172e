import type { Reply } from "../base/reply.ts";
import { sameAddress } from "./address.ts";
import { BrokenInvariant, type InvariantId } from "./broken-invariant.ts";
import type { Context } from "./context.ts";
import { EPOCH_NEAR_END, HELLO_CHANNEL } from "./defaults.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { currentAddress } from "./records.ts";
import type {
  Address,
  Epoch,
  Failover,
  FailoverStep,
  Master,
  RunId,
  SentinelState,
} from "./state.ts";

// What must be true of one Sentinel's state, and of each step, by the numbers of README.md. Only votes,
// epochs, addresses and promotions: what is wrong there makes two masters, and no later step mends it.
// Everything here is written anew from the rules and calls nothing of what it judges.

/** What a master was when it was last looked at, and what the file holds of it. */
interface Seen {
  configEpoch: Epoch;
  leaderEpoch: Epoch;
  leader: RunId | null;
  /** Where the master is (`currentAddress`), and that of its record. */
  address: Address;
  own: Address;
  failover: Failover | null;
  step: FailoverStep | null;
  failoverEpoch: Epoch | null;
  savedConfigEpoch: Epoch;
  savedAddress: Address;
  /** Null: a new one, of which nothing is on disk. */
  savedVote: Epoch | null;
}

/** Between these a promoted replica is chosen, told and named. */
const WITH_PROMOTED: ReadonlySet<FailoverStep | null> = new Set([
  "send_slaveof_noone",
  "wait_promotion",
  "reconf_slaves",
  "update_config",
]);

/**
 * Looks at each step of a Sentinel. It costs what the step touched: the masters in trouble that were decided
 * about, and those that were voted about or spoken of, in events or hellos. All of them are looked at before
 * each save, and nothing that a step with a save says leaves before that [D-INVARIANT].
 */
export class Invariants {
  readonly #seen = new WeakMap<Master, Seen>();
  #epoch: Epoch;
  #savedEpoch: Epoch;
  /** The greatest epoch in which a vote of ours is on disk. */
  #savedVote: Epoch;
  /** Since `saving`: what is not on disk yet; null: any master may be so. */
  #unsaved: Master[] | null = null;

  /** What the state begins with stands in the file. */
  constructor(state: SentinelState) {
    this.#epoch = state.currentEpoch;
    this.#savedEpoch = state.savedEpoch;
    this.#savedVote = 0n;
    for (const master of state.masters.values()) this.#noteSaved(master);
  }

  /** The outcome of a save: what the state was before this step is on disk. */
  noteOutcome({ masters, currentEpoch }: SentinelState): void {
    // RESET-EPOCH takes votes back, too.
    const isLower = currentEpoch < this.#savedEpoch;
    if (isLower) this.#savedVote = 0n;
    this.#savedEpoch = currentEpoch;
    const changed = isLower ? null : this.#unsaved;
    for (const master of changed ?? masters.values()) this.#noteSaved(master);
    this.#unsaved = null;
  }

  #noteSaved(master: Master): void {
    const seen = this.#seen.get(master) ?? firstSeen(master);
    seen.savedConfigEpoch = master.configEpoch;
    seen.savedAddress = currentAddress(master);
    seen.savedVote = master.leaderEpoch;
    this.#seen.set(master, seen);
    if (master.leaderEpoch > this.#savedVote) this.#savedVote = master.leaderEpoch;
  }

  /** @throws BrokenInvariant */
  checkStep(ctx: Context, input: Input): void {
    const { state } = ctx;
    this.#checkEpochs(state, input);
    for (const master of ctx.touched) this.#checkMaster(ctx, master, input);
    if (input.type === "saving" || input.type === "start") this.#checkAll(ctx, input);
    if (input.type === "start") this.#unsaved = null;
    for (const effect of ctx.effects) this.#checkSaid(state, effect);
  }

  #checkAll(ctx: Context, input: Input): void {
    this.#unsaved = [];
    for (const master of ctx.state.masters.values()) {
      const seen = this.#seen.get(master);
      if (seen && isUnchanged(seen, master)) continue;
      this.#unsaved.push(master);
      this.#checkMaster(ctx, master, input);
    }
  }

  #checkEpochs({ currentEpoch, savedEpoch }: SentinelState, input: Input): void {
    mustNotFall("I3", "the epoch", this.#epoch, currentEpoch, input);
    this.#epoch = currentEpoch;
    if (savedEpoch <= this.#savedEpoch) return;
    const file = `the file has ${this.#savedEpoch}`;
    broken("I2", `hellos say epoch ${savedEpoch}, and ${file}`);
  }

  #checkMaster(ctx: Context, master: Master, input: Input): void {
    const seen = this.#seen.get(master) ?? firstSeen(master);
    if (isUnchanged(seen, master)) return;
    checkVote(ctx.state, master, seen, input);
    checkConfiguration(ctx.state, master, seen, input);
    checkEvidence(master, seen);
    if (master.failover !== null) checkFailover(ctx, master, master.failover, seen);
    checkDurable(ctx.state, master, seen);
    notePresent(seen, master);
    this.#seen.set(master, seen);
  }

  /** Whatever becomes of the save that is asked for, these leave: they say nothing that waits for it [I2]. */
  #checkSaid({ myId }: SentinelState, effect: Effect): void {
    if (effect.type === "reply") return this.#checkVoteTold(effect.reply);
    if (effect.type !== "send") return;
    const { args } = effect;
    if (args[1] !== "is-master-down-by-addr" || args[5] !== myId) return;
    const epoch = BigInt(args[4] ?? "0");
    if (epoch <= this.#savedVote) return;
    const file = `the last vote of the file is in ${this.#savedVote}`;
    broken("I2", `votes of epoch ${epoch} are asked for, and ${file}`);
  }

  #checkVoteTold(reply: Reply): void {
    if (reply.type !== "array" || reply.items.length !== 3) return;
    const [down, leader, epoch] = reply.items;
    if (down?.type !== "integer" || leader?.type !== "bulk" || epoch?.type !== "integer") return;
    if (leader.text === "*" || BigInt(epoch.value) <= this.#savedVote) return;
    const file = `the last vote of the file is in ${this.#savedVote}`;
    broken("I2", `a vote of epoch ${epoch.value} is told, and ${file}`);
  }
}

function firstSeen(master: Master): Seen {
  const { configEpoch, leaderEpoch, leader, failover } = master;
  const address = currentAddress(master);
  return {
    ...{ configEpoch, leaderEpoch, leader, address, own: master.address, failover },
    step: failover?.step ?? null,
    failoverEpoch: failover?.epoch ?? null,
    ...{ savedConfigEpoch: configEpoch, savedAddress: address, savedVote: null },
  };
}

/** Field by field: it is done after many steps. */
function notePresent(seen: Seen, master: Master): void {
  const { failover } = master;
  seen.configEpoch = master.configEpoch;
  seen.leaderEpoch = master.leaderEpoch;
  seen.leader = master.leader;
  seen.address = currentAddress(master);
  seen.own = master.address;
  seen.failover = failover;
  seen.step = failover?.step ?? null;
  seen.failoverEpoch = failover?.epoch ?? null;
}

/** Nothing that is looked at has changed, and all of it is on disk. */
function isUnchanged(seen: Seen, master: Master): boolean {
  const { failover } = master;
  return (
    seen.failover === failover &&
    (failover === null || (seen.step === failover.step && seen.failoverEpoch === failover.epoch)) &&
    seen.leader === master.leader &&
    seen.own === master.address &&
    seen.savedAddress === seen.address &&
    seen.leaderEpoch === master.leaderEpoch &&
    seen.savedVote === master.leaderEpoch &&
    seen.configEpoch === master.configEpoch &&
    seen.savedConfigEpoch === master.configEpoch
  );
}

/** An operator takes epochs back (RESET-EPOCH), and only those that are near their end. */
function mustNotFall(id: InvariantId, what: string, from: Epoch, to: Epoch, input: Input): void {
  if (to >= from || (input.type === "command" && from > EPOCH_NEAR_END)) return;
  broken(id, `${what} fell from ${from} to ${to}`);
}

/** A vote is given once in an epoch, and not taken back but by forgetting for whom. */
function checkVote(state: SentinelState, master: Master, seen: Seen, input: Input): void {
  const { name, leader, leaderEpoch } = master;
  if (leaderEpoch < seen.leaderEpoch) {
    const what = `the epoch voted in for '${name}'`;
    mustNotFall("I1", what, seen.leaderEpoch, leaderEpoch, input);
  }
  if (leaderEpoch === seen.leaderEpoch && leader !== null && leader !== seen.leader) {
    const both = `${leader} after ${seen.leader ?? "one that is forgotten"}`;
    broken("I1", `'${name}' has a second vote in epoch ${leaderEpoch}, for ${both}`);
  }
  if (leaderEpoch > state.currentEpoch) {
    broken("I3", `the vote about '${name}' is of epoch ${leaderEpoch}${isAhead(state)}`);
  }
}

/** The config epoch only rises, and what a hello changes has a greater one. */
function checkConfiguration(state: SentinelState, master: Master, seen: Seen, input: Input): void {
  const { name, configEpoch } = master;
  if (configEpoch < seen.configEpoch) {
    mustNotFall("I4", `the config epoch of '${name}'`, seen.configEpoch, configEpoch, input);
  }
  if (configEpoch > state.currentEpoch) {
    broken("I3", `the config epoch of '${name}' is ${configEpoch}${isAhead(state)}`);
  }
  if (!carriesHello(input) || configEpoch > seen.configEpoch) return;
  const address = currentAddress(master);
  if (sameAddress(seen.address, address)) return;
  const move = `from ${show(seen.address)} to ${show(address)}`;
  broken("I8", `a hello moves '${name}' ${move}, both in config epoch ${configEpoch}`);
}

function isAhead({ currentEpoch }: SentinelState): string {
  return `, ahead of ours, ${currentEpoch}`;
}

function carriesHello(input: Input): boolean {
  if (input.type === "command") return input.args[1] === HELLO_CHANNEL;
  return input.type === "message";
}

/** What was said of one address is forgotten with it. */
function checkEvidence({ name, address, sentinels }: Master, { own }: Seen): void {
  if (own === address || (own.ip === address.ip && own.port === address.port)) return;
  for (const { masterDown, runId } of sentinels.values()) {
    if (!masterDown) continue;
    broken("I13", `what ${runId} said of ${show(own)} counts for '${name}', now ${show(address)}`);
  }
}

/** Nobody is told to be a master, or named one, but by who leads that epoch or was forced to. */
function checkFailover(ctx: Context, master: Master, failover: Failover, seen: Seen): void {
  const { name, leaderEpoch, replicas } = master;
  const { step, epoch, forced, promoted } = failover;
  if (epoch > ctx.state.currentEpoch) {
    broken("I3", `'${name}' fails over in epoch ${epoch}${isAhead(ctx.state)}`);
  }
  if (step !== "wait_start" && !forced && leaderEpoch < epoch) {
    broken("I5", `'${name}' is led in epoch ${epoch}, and our vote is of ${leaderEpoch}`);
  }
  if (!WITH_PROMOTED.has(step)) return;
  if (promoted === null || replicas.get(promoted.name) !== promoted) {
    broken("I7", `the replica that '${name}' promotes is none of its own`);
  }
  const isNew = seen.failover !== failover || seen.step !== step;
  if (isNew && step === "wait_promotion" && ctx.state.tiltSince !== null) {
    broken("I7", `'${name}' promotes a replica in TILT`);
  }
  if (step === "reconf_slaves" || step === "update_config") checkNamed(master, epoch, seen);
}

/** One replica is named in one epoch, which is that of its failover. */
function checkNamed({ name, configEpoch }: Master, epoch: Epoch, seen: Seen): void {
  if (configEpoch !== epoch) {
    broken("I6", `'${name}' names its replica in config epoch ${configEpoch}, and leads ${epoch}`);
  }
  const wasNamed = seen.step === "reconf_slaves" || seen.step === "update_config";
  if (wasNamed || configEpoch > seen.configEpoch) return;
  broken("I6", `'${name}' names a second master in config epoch ${configEpoch}`);
}

/** What is not in the file is known not to be, so that a save is asked for and nobody hears of it. */
function checkDurable({ unsaved }: SentinelState, master: Master, seen: Seen): void {
  const { name, configEpoch, leaderEpoch, configUnsaved } = master;
  const { savedVote, savedConfigEpoch, savedAddress } = seen;
  if (!unsaved && savedVote !== leaderEpoch) {
    const file = savedVote === null ? "knows no such master" : `has ${savedVote}`;
    const vote = `the vote about '${name}' is of epoch ${leaderEpoch}`;
    broken("I2", `${vote}, the file ${file}, and no save is owed`);
  }
  const address = currentAddress(master);
  const isSaved = savedConfigEpoch === configEpoch && sameAddress(savedAddress, address);
  if (isSaved || (unsaved && configUnsaved)) return;
  const now = `'${name}' is ${show(address)} in config epoch ${configEpoch}`;
  const file = `the file has ${show(savedAddress)} in ${savedConfigEpoch}`;
  broken("I2", `${now}, ${file}, and ${unsaved ? "hellos may say so" : "no save is owed"}`);
}

/**
 * Whoever leads an epoch unforced has the votes of a majority and of the quorum in exactly that epoch, and
 * its own on disk. Asked at the election: a moment later the votes may be forgotten.
 *
 * @throws BrokenInvariant
 */
export function requireElected({ state }: Context, master: Master, failover: Failover): void {
  if (failover.forced) return;
  const { name, leader, leaderEpoch, sentinels, settings } = master;
  const { epoch } = failover;
  if (state.unsaved) broken("I2", `'${name}' is led in epoch ${epoch} before that is saved`);
  let votes = leader === state.myId && leaderEpoch === epoch ? 1 : 0;
  for (const peer of sentinels.values()) {
    if (peer.leader === state.myId && peer.leaderEpoch === epoch) votes++;
  }
  const voters = sentinels.size + 1;
  if (2 * votes > voters && votes >= settings.quorum) return;
  broken("I5", `'${name}' is led in epoch ${epoch} with ${votes} of ${voters} votes`);
}

function show({ ip, host, port }: Address): string {
  return `${ip ?? host}:${port}`;
}

function broken(id: InvariantId, what: string): never {
  throw new BrokenInvariant(id, what);
}
