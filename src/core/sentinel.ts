import { error } from "../base/reply.ts";
import { hearAnswer } from "./answers.ts";
import { relieve, settleAside } from "./aside.ts";
import { BrokenInvariant } from "./broken-invariant.ts";
import { answerDue } from "./commands/pause-reach.ts";
import { runCommand } from "./commands/run.ts";
import { goOnWithTables } from "./commands/tables.ts";
import type { SentinelConfig } from "./config.ts";
import { contain, fault } from "./contain.ts";
import { type Context, log, save } from "./context.ts";
import { persistentConfig, writtenAddresses } from "./create-state.ts";
import { decide } from "./decide.ts";
import { MAX_DUE_PER_TICK, SAVE_RETRY_MS } from "./defaults.ts";
import { checkSubjectivelyDown, forgetStaleAnswer } from "./down.ts";
import type { Output } from "./effect.ts";
import { keepVotesUntold, tellVotes } from "./election.ts";
import { epochTrouble } from "./epoch.ts";
import { event, masterOf } from "./event.ts";
import { hearKept } from "./extra.ts";
import { answerDryRuns } from "./failover/coordinated/dry-run.ts";
import { connectionUp } from "./greet.ts";
import { hostResolved } from "./host-resolved.ts";
import type { Input } from "./input.ts";
import { Invariants } from "./invariants.ts";
import type { Recorder } from "./journal/recorder.ts";
import { LastInputs } from "./last-inputs.ts";
import { closeStale, closeUnanswered, connectionLost, reconnect } from "./link.ts";
import { type LiveSettings, NO_LIVE_SETTINGS } from "./live-settings.ts";
import { endPauses, tellPause } from "./pause.ts";
import { pingsLeft, sendDue } from "./periodic.ts";
import type { Random } from "./random.ts";
import { noteRefusedDial } from "./refused.ts";
import { LOOK_AGAIN_MS, plan } from "./schedule.ts";
import { runScripts, scriptExited, scriptStarted } from "./scripts.ts";
import type { ConnectionId, Instance, Master, Millis, SentinelState } from "./state.ts";
import { hearMessage, hearPubsubReply } from "./subscription.ts";
import { discountSave, enterTiltIfStalled, leaveTiltIfOver } from "./tilt.ts";
import { noteRefusedReply } from "./trouble.ts";
import { sendUrgentHellos } from "./urgent-hellos.ts";
import { useLiveSettings } from "./use-live-settings.ts";

/** So many ticks in a row that fail as a whole, and nothing is watched any more. */
const MAX_FAILED_TICKS = 50;

/**
 * A Sentinel without its I/O: inputs go in one by one, what the world should do comes out. Time
 * and chance are arguments, nothing moves between two steps, and the same inputs give the same
 * outputs.
 */
export class Sentinel {
  readonly state: SentinelState;
  readonly #random: Random;
  readonly #isExecutable: (path: string) => boolean;
  readonly #live: LiveSettings;
  readonly #journal: Recorder | null;
  readonly #invariants: Invariants;
  readonly #lastInputs = new LastInputs();
  #failedTicks = 0;

  constructor(
    state: SentinelState,
    random: Random,
    isExecutable: (path: string) => boolean,
    live: LiveSettings = NO_LIVE_SETTINGS,
    journal: Recorder | null = null,
  ) {
    this.state = state;
    this.#random = random;
    this.#isExecutable = isExecutable;
    this.#live = live;
    this.#journal = journal;
    this.#invariants = new Invariants(state);
  }

  /**
   * `now` never falls from one step to the next.
   *
   * @throws BrokenInvariant: nothing of this step, and nothing that waits for a save, may be done any more.
   */
  step(input: Input, now: Millis): Output {
    const ctx: Context = {
      state: this.state,
      random: this.#random,
      isExecutable: this.#isExecutable,
      live: this.#live,
      now,
      isTick: input.type === "tick",
      effects: [],
      touched: [],
      saveConfig: false,
      // What was so before the start is written down already.
      journal: input.type === "start" ? null : this.#journal,
    };
    this.#lastInputs.note(input, now);
    try {
      if (input.type === "saved") this.#invariants.noteOutcome(this.state);
      this.#handle(ctx, input);
      ctx.journal?.endStep(ctx);
      this.#checkInvariants(ctx, input);
    } catch (cause) {
      if (cause instanceof BrokenInvariant) cause.lastInputs = this.#lastInputs.lines(now);
      throw cause;
    }
    if (ctx.saveConfig) this.state.isHeld = true;
    const { isHeld, unsentPings } = this.state;
    if (!isHeld && unsentPings.length > 0) this.state.unsentPings = [];
    return { saveConfig: ctx.saveConfig, effects: ctx.effects };
  }

  /**
   * An exception costs this input only. Where the ticks themselves fail again and again, a process
   * that begins anew from its file does better: then it is thrown.
   */
  #handle(ctx: Context, input: Input): void {
    try {
      handle(ctx, input);
      if (input.type === "tick") this.#failedTicks = 0;
    } catch (cause) {
      if (input.type === "tick" && ++this.#failedTicks > MAX_FAILED_TICKS) throw cause;
      fault(ctx, `the input '${input.type}'`, cause);
      if (input.type === "command") answerFault(ctx, input);
    }
  }

  /** What one of them stumbles over is a fault as any other; only a broken one ends everything. */
  #checkInvariants(ctx: Context, input: Input): void {
    try {
      this.#invariants.checkStep(ctx, input);
    } catch (cause) {
      fault(ctx, "the invariants", cause);
    }
  }

  /**
   * When time alone makes something due: a tick then, and not only at its usual time, draws the
   * conclusion to the millisecond. Null: nothing is watched.
   */
  get nextDueAt(): Millis | null {
    return this.state.agenda.nextAt;
  }

  /** What the file must hold now. */
  config(): SentinelConfig {
    return persistentConfig(this.state);
  }

  /** Addresses that the file names otherwise than who gave them, by `name port`. */
  writtenAddresses(): ReadonlyMap<string, string> {
    return writtenAddresses(this.state);
  }
}

function handle(ctx: Context, input: Input): void {
  if (input.type === "saved" || input.type === "saveFailed") discountSave(ctx);
  enterTiltIfStalled(ctx);
  switch (input.type) {
    case "start":
      return start(ctx);
    case "tick":
      return tick(ctx);
    case "command":
      return runCommand(ctx, input);
    case "linkUp":
      return connectionUp(ctx, input.connection, input.localIp);
    case "linkDown":
      return linkDown(ctx, input.connection, input.reason);
    case "reply":
      return hearReply(ctx, input);
    case "message":
      return hearMessage(ctx, input);
    case "resolved":
      for (const waiting of hostResolved(ctx, input.host, input.ip)) handle(ctx, waiting);
      return;
    case "scriptStarted":
      return scriptStarted(ctx, input);
    case "scriptExit":
      return scriptExited(ctx, input);
    case "again":
      return goOnWithTables(ctx);
    case "kept":
      hearKept(ctx, input.ok);
      for (const master of ctx.state.masters.values()) if (master.failover) decide(ctx, master);
      return;
    case "saving":
      ctx.state.savingSince = ctx.now;
      return;
    case "saved":
      return configSaved(ctx);
    case "saveFailed":
      return configNotSaved(ctx, input.reason);
    default:
      return input satisfies never;
  }
}

function answerFault(ctx: Context, { client }: Input & { type: "command" }): void {
  const reply = error("ERR The command failed because of a bug of this Sentinel, see its log");
  ctx.effects.push({ type: "reply", client, reply });
}

function start(ctx: Context): void {
  const { state } = ctx;
  ctx.saveConfig = state.unsaved;
  for (const [host, { inFlight }] of state.hosts) {
    if (inFlight) ctx.effects.push({ type: "resolve", host });
  }
  log(ctx, "notice", `Sentinel ID is ${state.myId}`);
  const trouble = epochTrouble(state);
  if (trouble !== null) log(ctx, "warning", trouble);
  for (const master of state.masters.values()) {
    event(ctx, "warning", "+monitor", master, ` quorum ${master.settings.quorum}`);
    tellPause(ctx, master);
  }
}

/** What time alone makes due (sentinelTimer). */
function tick(ctx: Context): void {
  ctx.state.slowSavesMs = 0;
  leaveTiltIfOver(ctx);
  endPauses(ctx);
  answerDue(ctx);
  const masters = new Set<Master>();
  for (const instance of ctx.state.agenda.takeDue(ctx.now, MAX_DUE_PER_TICK)) {
    lookAt(ctx, instance);
    masters.add(masterOf(instance));
  }
  for (const master of masters) contain(ctx, master, decide);
  runScripts(ctx);
  answerDryRuns(ctx);
  retrySave(ctx);
  saveLazily(ctx);
}

function lookAt(ctx: Context, instance: Instance): void {
  contain(ctx, instance, maintain);
  contain(ctx, instance, plan);
  // Whatever went wrong: it is looked at again.
  if (instance.dueAt === null) ctx.state.agenda.plan(instance, ctx.now + LOOK_AGAIN_MS);
}

function maintain(ctx: Context, instance: Instance): void {
  closeUnanswered(ctx, instance);
  reconnect(ctx, instance);
  relieve(ctx, instance);
  sendDue(ctx, instance);
  if (instance.kind === "sentinel") forgetStaleAnswer(ctx, instance);
  // Also in TILT, so that nobody is called down at its end for a connection that was lost in silence.
  closeStale(ctx, instance);
  if (ctx.state.tiltSince !== null) return;
  if (instance.kind !== "master") checkSubjectivelyDown(ctx, instance);
}

function retrySave(ctx: Context): void {
  const { unsaved, saveFailedAt } = ctx.state;
  if (!unsaved || saveFailedAt === null) return;
  if (ctx.now - saveFailedAt >= SAVE_RETRY_MS) ctx.saveConfig = true;
}

function saveLazily(ctx: Context): void {
  const { lazySaveAt } = ctx.state;
  if (lazySaveAt !== null && ctx.now >= lazySaveAt) save(ctx);
}

function linkDown(ctx: Context, connection: ConnectionId, reason: string): void {
  const found = ctx.state.connections.get(connection);
  const isAttempt = found?.purpose === "command" && !found.link.command?.up;
  connectionLost(ctx, connection, reason);
  for (const owner of found?.link.owners ?? []) {
    if (isAttempt && owner.kind === "master") noteRefusedDial(ctx, owner, reason);
    plan(ctx, owner);
    // A selection may wait for just this: the master, dialled once more, refused.
    if (owner.kind === "master" && owner.failover) decide(ctx, owner);
  }
}

function hearReply(ctx: Context, input: Input & { type: "reply" }): void {
  const found = ctx.state.connections.get(input.connection);
  if (found?.purpose === "pubsub") {
    return hearPubsubReply(ctx, found.link, input.request, input.reply);
  }
  const request = found?.link.pending.get(input.request);
  if (!found || !request) return;
  found.link.pending.delete(input.request);
  noteRefusedReply(ctx, request, input.reply);
  hearAnswer(ctx, request, input);
  settleAside(ctx, found.link);
  if (ctx.state.tiltSince === null) {
    for (const owner of found.link.owners) checkSubjectivelyDown(ctx, owner);
  }
  if (request.kind !== "ping") plan(ctx, request.owner);
  decide(ctx, masterOf(request.owner));
  answerDryRuns(ctx);
}

/** The file holds everything up to this step: what waited for that may be said. */
function configSaved(ctx: Context): void {
  const { state } = ctx;
  pingsLeft(ctx);
  state.isHeld = false;
  state.unsaved = false;
  state.lazySaveAt = null;
  if (state.saveFailedAt !== null) {
    ctx.journal?.note(ctx, { name: null, kind: "save", result: "ended", text: "" });
  }
  state.saveFailedAt = null;
  state.savedEpoch = state.currentEpoch;
  tellVotes(ctx);
  useLiveSettings(ctx);
  for (const { client, ifSaved } of state.awaitingSave.splice(0)) {
    ctx.effects.push({ type: "reply", client, reply: ifSaved });
  }
  const masters = [...state.masters.values()];
  const told = masters.filter(({ configUnsaved }) => configUnsaved);
  for (const master of told) master.configUnsaved = false;
  for (const master of told) contain(ctx, master, sendUrgentHellos);
  // Now only: what one decides may move another name of its server, and that is not in the file yet.
  for (const master of masters) contain(ctx, master, decide);
}

function configNotSaved(ctx: Context, reason: string): void {
  ctx.journal?.note(ctx, { name: null, kind: "save", result: "began", text: reason });
  pingsLeft(ctx);
  ctx.state.isHeld = false;
  ctx.state.lazySaveAt = null;
  ctx.state.saveFailedAt = ctx.now;
  keepVotesUntold(ctx);
  // The clients are told that it failed: the next save must not bring what they asked for.
  ctx.state.live = ctx.state.liveInUse;
  for (const { client, ifFailed } of ctx.state.awaitingSave.splice(0)) {
    ctx.effects.push({ type: "reply", client, reply: ifFailed });
  }
}
