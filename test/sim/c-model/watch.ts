import type { Reply } from "../../../src/base/reply.ts";
import { HELLO_CHANNEL } from "../../../src/core/defaults.ts";
import { writeHello } from "./hello.ts";
import type { CAddress, CInstance, CMaster, CPeer } from "./records.ts";
import { type CContext, tell } from "./wire.ts";

const PING_PERIOD_MS = 1_000;
const INFO_PERIOD_MS = 10_000;
const FAST_INFO_PERIOD_MS = 1_000;
const PUBLISH_PERIOD_MS = 2_000;
const ASK_PERIOD_MS = 1_000;
const MIN_RECONNECT_MS = 15_000;
const MAX_PENDING = 100;

/** Opens what is missing, each second at most; the first word of a new connection is a PING. */
export function reconnect(context: CContext, instance: CInstance): void {
  const { state, wire } = context;
  const { link, address } = instance;
  const now = state.world.now();
  if (!link.disconnected || address.port === 0) return;
  if (now - link.lastReconnectAt < PING_PERIOD_MS) return;
  link.lastReconnectAt = now;
  const isNew = link.command === null;
  wire.connect(instance);
  if (isNew) sendPing(context, instance);
}

/**
 * INFO, PING and hello [PING-VALID] [INFO-PERIOD] [HELLO-PERIOD]; an INFO or hello that is not
 * answered is repeated.
 */
export function sendPeriodic(context: CContext, instance: CInstance, self: CAddress): void {
  const { state, wire } = context;
  const { link } = instance;
  const now = state.world.now();
  const isFree = () => !link.disconnected && link.pending.size < MAX_PENDING;
  if (!isFree()) return;
  const { infoAt } = instance;
  const isInfoDue = infoAt === 0 || now - infoAt > infoPeriodMs(instance);
  if (instance.kind !== "peer" && isInfoDue) wire.send(instance, "info", ["INFO"]);
  const periodMs = Math.min(masterOf(instance).downAfterMs, PING_PERIOD_MS);
  if (now - link.lastPongAt > periodMs && now - link.lastPingAt > periodMs / 2) {
    sendPing(context, instance);
  }
  if (isFree() && now - instance.lastHelloSentAt > PUBLISH_PERIOD_MS) {
    const text = writeHello(state, self, masterOf(instance));
    wire.send(instance, "hello", ["PUBLISH", HELLO_CHANNEL, text]);
  }
}

export function sendPing({ state, wire }: CContext, instance: CInstance): void {
  const { link } = instance;
  const now = state.world.now();
  link.lastPingAt = now;
  if (link.pingPendingSince === 0) link.pingPendingSince = now;
  wire.send(instance, "ping", ["PING"]);
}

function infoPeriodMs(instance: CInstance): number {
  if (instance.kind !== "replica") return INFO_PERIOD_MS;
  const { odown, step } = instance.master;
  const isFast = odown || step !== "none" || instance.masterLinkDownMs !== 0;
  return isFast ? FAST_INFO_PERIOD_MS : INFO_PERIOD_MS;
}

export function hearPong({ link }: CInstance, reply: Reply, now: number): void {
  link.lastPongAt = now;
  const text = reply.type === "status" || reply.type === "error" ? reply.text : "";
  if (!/^(PONG|LOADING|MASTERDOWN)/.test(text)) return;
  link.lastValidPongAt = now;
  link.pingPendingSince = 0;
}

/** sentinelCheckSubjectivelyDown, with the rules by which a silent link is given up. */
export function checkSdown(context: CContext, instance: CInstance): void {
  const { state, wire } = context;
  const { link } = instance;
  const now = state.world.now();
  const { downAfterMs } = masterOf(instance);
  const halfMs = Math.floor(downAfterMs / 2);
  const { pingPendingSince, lastPongAt } = link;
  const isSilent =
    pingPendingSince !== 0 && now - pingPendingSince > halfMs && now - lastPongAt > halfMs;
  if (link.command && now - link.commandOpenedAt > MIN_RECONNECT_MS && isSilent) {
    wire.closeCommand(instance);
  }
  const isDeaf = now - link.subscriptionHeardAt > 3 * PUBLISH_PERIOD_MS;
  if (link.subscription && now - link.subscriptionOpenedAt > MIN_RECONNECT_MS && isDeaf) {
    wire.closeSubscription(instance);
  }
  const isDown = silentMs(instance, now) > downAfterMs || isLostMaster(instance, now);
  if (isDown === instance.sdown) return;
  instance.sdown = isDown;
  if (isDown) instance.sdownSince = now;
  tell(context, isDown ? "+sdown" : "-sdown", instance);
}

function silentMs({ link }: CInstance, now: number): number {
  if (link.pingPendingSince !== 0) return now - link.pingPendingSince;
  return link.disconnected ? now - link.lastValidPongAt : 0;
}

function isLostMaster(instance: CInstance, now: number): boolean {
  if (instance.kind !== "master" || instance.roleReported === "master") return false;
  return now - instance.roleReportedSince > instance.downAfterMs + 2 * INFO_PERIOD_MS;
}

export function checkOdown(context: CContext, master: CMaster): void {
  const agreed = [...master.peers.values()].filter(({ masterDown }) => masterDown).length + 1;
  const isDown = master.sdown && agreed >= master.quorum;
  if (isDown === master.odown) return;
  master.odown = isDown;
  if (isDown) master.odownSince = context.state.world.now();
  const counts = isDown ? ` #quorum ${agreed}/${master.quorum}` : "";
  tell(context, isDown ? "+odown" : "-odown", master, counts);
}

/** sentinelAskMasterStateToOtherSentinels: a question for a vote while an attempt is under way. */
export function askPeers({ state, wire }: CContext, master: CMaster, isForced: boolean): void {
  const now = state.world.now();
  const candidate = master.step === "none" ? "*" : state.myId;
  const { ip, port } = master.address;
  const args = ["SENTINEL", "is-master-down-by-addr", ip, `${port}`];
  for (const peer of master.peers.values()) {
    const sinceMs = now - peer.lastDownReplyAt;
    if (sinceMs > 5 * ASK_PERIOD_MS) {
      peer.masterDown = false;
      peer.leader = null;
    }
    if (!master.sdown || peer.link.disconnected) continue;
    if (!isForced && sinceMs < ASK_PERIOD_MS) continue;
    wire.send(peer, "down", [...args, `${state.currentEpoch}`, candidate]);
  }
}

export function hearDownReply(peer: CPeer, reply: Reply, now: number): void {
  if (reply.type !== "array") return;
  const [down, leader, epoch] = reply.items;
  if (down?.type !== "integer" || leader?.type !== "bulk" || epoch?.type !== "integer") return;
  peer.lastDownReplyAt = now;
  peer.masterDown = Number(down.value) === 1;
  if (leader.text === "*") return;
  peer.leader = leader.text;
  peer.leaderEpoch = BigInt.asUintN(64, BigInt(epoch.value));
}

export function masterOf(instance: CInstance): CMaster {
  return instance.kind === "master" ? instance : instance.master;
}
