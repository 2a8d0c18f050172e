import { runCommand } from "./commands/run.ts";
import type { SentinelConfig } from "./config.ts";
import { type Context, log, save } from "./context.ts";
import { persistentConfig } from "./create-state.ts";
import { decide } from "./decide.ts";
import { HELLO_CHANNEL, MAX_DUE_PER_TICK, SAVE_RETRY_MS } from "./defaults.ts";
import { checkSubjectivelyDown, forgetStaleAnswer, hearDownReply } from "./down.ts";
import type { Output } from "./effect.ts";
import { event, masterOf } from "./event.ts";
import { sendUrgentHellos } from "./failover.ts";
import { connectionUp, hearPubsubReply } from "./greet.ts";
import { hearHello } from "./hello.ts";
import type { Input } from "./input.ts";
import { forgetEvidence, instancesOf } from "./instance.ts";
import {
  applyResolvedAddress,
  closeStale,
  closeUnanswered,
  connectionLost,
  reconnect,
} from "./link.ts";
import { hearHelloReply, hearPong, pingsLeft, sendDue, sendInfo } from "./periodic.ts";
import type { Random } from "./random.ts";
import { applyInfo } from "./refresh.ts";
import type { Reply } from "./reply.ts";
import { hostKey, recordResolved } from "./resolve.ts";
import { plan } from "./schedule.ts";
import { runScripts, scriptExited, scriptStarted } from "./scripts.ts";
import type {
  ConnectionId,
  Instance,
  Master,
  Millis,
  PendingRequest,
  SentinelState,
} from "./state.ts";
import { enterTiltIfStalled, leaveTiltIfOver } from "./tilt.ts";

/**
 * A Sentinel without its I/O: inputs go in one by one, what the world should do comes out. Time
 * and chance are arguments, nothing moves between two steps, and the same inputs give the same
 * outputs.
 */
export class Sentinel {
  readonly state: SentinelState;
  readonly #random: Random;
  readonly #isExecutable: (path: string) => boolean;

  constructor(state: SentinelState, random: Random, isExecutable: (path: string) => boolean) {
    this.state = state;
    this.#random = random;
    this.#isExecutable = isExecutable;
  }

  /** `now` never falls from one step to the next. */
  step(input: Input, now: Millis): Output {
    const ctx: Context = {
      state: this.state,
      random: this.#random,
      isExecutable: this.#isExecutable,
      now,
      isTick: input.type === "tick",
      effects: [],
      saveConfig: false,
    };
    handle(ctx, input);
    if (ctx.saveConfig) this.state.isHeld = true;
    if (!this.state.isHeld) this.state.unsentPings.length = 0;
    return { saveConfig: ctx.saveConfig, effects: ctx.effects };
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
}

function handle(ctx: Context, input: Input): void {
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
      return hostResolved(ctx, input.host, input.ip);
    case "scriptStarted":
      return scriptStarted(ctx, input);
    case "scriptExit":
      return scriptExited(ctx, input);
    case "saved":
      return configSaved(ctx);
    case "saveFailed":
      return configNotSaved(ctx);
    default:
      return input satisfies never;
  }
}

function start(ctx: Context): void {
  const { state } = ctx;
  ctx.saveConfig = state.unsaved;
  for (const [host, { inFlight }] of state.hosts) {
    if (inFlight) ctx.effects.push({ type: "resolve", host });
  }
  log(ctx, "notice", `Sentinel ID is ${state.myId}`);
  for (const master of state.masters.values()) {
    event(ctx, "warning", "+monitor", master, ` quorum ${master.quorum}`);
  }
}

/** What time alone makes due (sentinelTimer). */
function tick(ctx: Context): void {
  leaveTiltIfOver(ctx);
  const masters = new Set<Master>();
  for (const instance of ctx.state.agenda.takeDue(ctx.now, MAX_DUE_PER_TICK)) {
    maintain(ctx, instance);
    plan(ctx, instance);
    masters.add(masterOf(instance));
  }
  for (const master of masters) decide(ctx, master);
  runScripts(ctx);
  retrySave(ctx);
  saveLazily(ctx);
}

function maintain(ctx: Context, instance: Instance): void {
  closeUnanswered(ctx, instance);
  reconnect(ctx, instance);
  sendDue(ctx, instance);
  if (instance.kind === "sentinel") forgetStaleAnswer(ctx, instance);
  if (ctx.state.tiltSince !== null) return;
  closeStale(ctx, instance);
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
  const owners = ctx.state.connections.get(connection)?.link.owners ?? [];
  connectionLost(ctx, connection, reason);
  for (const owner of owners) plan(ctx, owner);
}

function hearReply(ctx: Context, input: Input & { type: "reply" }): void {
  const found = ctx.state.connections.get(input.connection);
  if (found?.purpose === "pubsub") {
    return hearPubsubReply(ctx, found.link, input.request, input.reply);
  }
  const request = found?.link.pending.get(input.request);
  if (!found || !request) return;
  found.link.pending.delete(input.request);
  hearAnswer(ctx, request, input);
  if (ctx.state.tiltSince === null) {
    for (const owner of found.link.owners) checkSubjectivelyDown(ctx, owner);
  }
  if (request.kind !== "ping") plan(ctx, request.owner);
  decide(ctx, masterOf(request.owner));
}

function hearAnswer(
  ctx: Context,
  { kind, owner }: PendingRequest,
  { request, reply }: Input & { type: "reply" },
): void {
  switch (kind) {
    case "ping":
      return hearPong(ctx, owner, reply);
    case "hello":
      return hearHelloReply(ctx, owner, reply.type === "integer");
    case "info":
      if (owner.kind !== "sentinel" && reply.type === "bulk") applyInfo(ctx, owner, reply.text);
      return;
    case "ask":
      if (owner.kind === "sentinel") hearDownReply(ctx, owner, request, reply);
      return;
    case "transaction":
      return hearExec(ctx, owner, reply);
    case "ignored":
      return;
    default:
      return kind satisfies never;
  }
}

/** The server was told whom to follow: INFO at once shows whether it does (10.4, items 4, 5). */
function hearExec(ctx: Context, owner: Instance, reply: Reply): void {
  if (owner.kind === "sentinel") return;
  const refusal = reply.type === "array" ? reply.items[0] : reply;
  if (refusal?.type === "error") {
    const { ip, host, port } = owner.address;
    const text = `${ip ?? host}:${port} refused to change its role: ${refusal.text}`;
    log(ctx, "warning", `${text}. Check its ACL and rename-command against what a Sentinel needs.`);
  }
  // A master that was demoted is a replica as soon as the failover ends, and is asked then.
  if (owner.kind === "replica") sendInfo(ctx, owner);
}

function hearMessage(ctx: Context, input: Input & { type: "message" }): void {
  const found = ctx.state.connections.get(input.connection);
  if (found?.purpose !== "pubsub") return;
  found.link.pubsubActivityAt = ctx.now;
  if (input.channel !== HELLO_CHANNEL || input.payload.includes(ctx.state.myId)) return;
  hearHello(ctx, input.payload, input);
}

function hostResolved(ctx: Context, name: string, ip: string | null): void {
  const host = hostKey(name);
  const waiting = recordResolved(ctx, host, ip);
  if (ip === null) log(ctx, "warning", `Failed to resolve hostname '${host}'`);
  for (const master of ctx.state.masters.values()) {
    for (const instance of instancesOf(master)) {
      const isMoved = applyResolvedAddress(ctx, instance, host);
      if (!isMoved) continue;
      if (instance === master) forgetEvidence(master);
      plan(ctx, instance);
    }
    // A replica announced under this name can be taken up now.
    if (ip !== null && master.infoText?.includes(`ip=${host},`)) master.infoAt = null;
  }
  for (const input of waiting) handle(ctx, input);
}

/** The file holds everything up to this step: what waited for that may be said. */
function configSaved(ctx: Context): void {
  const { state } = ctx;
  pingsLeft(ctx);
  state.isHeld = false;
  state.unsaved = false;
  state.lazySaveAt = null;
  state.saveFailedAt = null;
  state.savedEpoch = state.currentEpoch;
  for (const { client, ifSaved } of state.awaitingSave.splice(0)) {
    ctx.effects.push({ type: "reply", client, reply: ifSaved });
  }
  for (const master of [...state.masters.values()]) {
    if (master.configUnsaved) {
      master.configUnsaved = false;
      sendUrgentHellos(ctx, master);
    }
    decide(ctx, master);
  }
}

function configNotSaved(ctx: Context): void {
  pingsLeft(ctx);
  ctx.state.isHeld = false;
  ctx.state.lazySaveAt = null;
  ctx.state.saveFailedAt = ctx.now;
  for (const { client, ifFailed } of ctx.state.awaitingSave.splice(0)) {
    ctx.effects.push({ type: "reply", client, reply: ifFailed });
  }
}
