import type { CMaster, CReplica, CStep } from "./records.ts";
import { switchTo } from "./state.ts";
import { countVotes } from "./votes.ts";
import { type CContext, forceHello, sendSlaveOf, tell } from "./wire.ts";

const ELECTION_MS = 10_000;
const RECONF_SENT_MS = 10_000;
const DESYNC_MS = 1_000;
const PING_PERIOD_MS = 1_000;
const INFO_PERIOD_MS = 10_000;

/** sentinelStartFailoverIfNeeded; true: all are asked for their vote right now. */
export function startIfNeeded(context: CContext, master: CMaster): boolean {
  const { state } = context;
  const isTooSoon = state.world.now() - master.attemptAt < 2 * master.failoverTimeoutMs;
  if (!master.odown || master.step !== "none" || isTooSoon) return false;
  start(context, master);
  return true;
}

/** sentinelStartFailover. The epoch is written with the vote for ourselves. */
export function start(context: CContext, master: CMaster): void {
  const { state } = context;
  master.failoverEpoch = ++state.currentEpoch;
  state.world.event("+new-epoch", `${state.currentEpoch}`);
  tell(context, "+try-failover", master);
  master.attemptAt = state.world.now() + state.world.random.below(DESYNC_MS);
  enter(context, master, "wait_start");
}

/** SENTINEL FAILOVER: without a majority. False: it is refused. */
export function force(context: CContext, master: CMaster): boolean {
  if (master.step !== "none" || !selectReplica(context, master)) return false;
  start(context, master);
  master.isForced = true;
  return true;
}

/** One step at most in each tick [FAILOVER-STATES] [D-INPUT]. */
export function advance(context: CContext, master: CMaster): void {
  switch (master.step) {
    case "none":
    case "update_config":
      return;
    case "wait_start":
      return waitStart(context, master);
    case "select_slave":
      return select(context, master);
    case "send_slaveof_noone":
      return promote(context, master);
    case "wait_promotion":
      if (isOver(context, master)) abort(context, master, "-failover-abort-slave-timeout");
      return;
    case "reconf_slaves":
      return reconfigure(context, master);
    default:
      master.step satisfies never;
  }
}

function waitStart(context: CContext, master: CMaster): void {
  const { state } = context;
  const isLeader = countVotes(state, master, master.failoverEpoch) === state.myId;
  if (isLeader || master.isForced) {
    tell(context, "+elected-leader", master);
    return enter(context, master, "select_slave");
  }
  const waitMs = Math.min(ELECTION_MS, master.failoverTimeoutMs);
  if (state.world.now() - master.attemptAt > waitMs) {
    abort(context, master, "-failover-abort-not-elected");
  }
}

function select(context: CContext, master: CMaster): void {
  const chosen = selectReplica(context, master);
  if (!chosen) return abort(context, master, "-failover-abort-no-good-slave");
  tell(context, "+selected-slave", chosen);
  master.promoted = chosen;
  enter(context, master, "send_slaveof_noone");
}

function promote(context: CContext, master: CMaster): void {
  const { promoted } = master;
  if (!promoted || promoted.link.disconnected) {
    if (isOver(context, master)) abort(context, master, "-failover-abort-slave-timeout");
    return;
  }
  sendSlaveOf(context, promoted, null);
  enter(context, master, "wait_promotion");
}

/** The config epoch and the new master are on disk before anybody is told. */
export function promotionSeen(context: CContext, master: CMaster): void {
  const { promoted } = master;
  if (!promoted) return;
  master.configEpoch = master.failoverEpoch;
  enter(context, master, "reconf_slaves");
  context.state.write();
  tell(context, "+promoted-slave", promoted);
  forceHello(master);
}

/** sentinelFailoverReconfNextSlave. */
function reconfigure(context: CContext, master: CMaster): void {
  const { promoted } = master;
  if (!promoted) return;
  const now = context.state.world.now();
  const others = [...master.replicas.values()].filter((one) => one !== promoted);
  let busy = others.filter(({ reconf }) => reconf === "sent" || reconf === "inprog").length;
  for (const replica of others) {
    if (busy >= master.parallelSyncs) break;
    if (replica.reconf === "sent" && now - replica.reconfSentAt > RECONF_SENT_MS) {
      tell(context, "-slave-reconf-sent-timeout", replica);
      replica.reconf = "done";
    }
    if (replica.reconf !== "none" || replica.link.disconnected) continue;
    tellToFollow(context, replica, promoted, "+slave-reconf-sent");
    busy++;
  }
  detectEnd(context, master, promoted, others);
}

function tellToFollow(
  context: CContext,
  replica: CReplica,
  promoted: CReplica,
  event: string,
): void {
  sendSlaveOf(context, replica, promoted.address);
  replica.reconf = "sent";
  replica.reconfSentAt = context.state.world.now();
  tell(context, event, replica);
}

/** While the promoted one is down there is neither end nor timeout: kept on purpose [D-STUCK-LEADER]. */
function detectEnd(
  context: CContext,
  master: CMaster,
  promoted: CReplica,
  others: readonly CReplica[],
): void {
  if (promoted.sdown) return;
  const isTimeout = isOver(context, master);
  const isOpen = others.some(({ reconf, sdown }) => reconf !== "done" && !sdown);
  if (isOpen && !isTimeout) return;
  if (isTimeout) tell(context, "+failover-end-for-timeout", master);
  tell(context, "+failover-end", master);
  enter(context, master, "update_config");
  if (!isTimeout) return;
  for (const replica of others) {
    if (replica.reconf !== "none" || replica.link.disconnected) continue;
    tellToFollow(context, replica, promoted, "+slave-reconf-sent-be");
  }
}

/** After all others were handled in this tick. */
export function updateConfig({ state }: CContext, master: CMaster): void {
  const to = master.promoted?.address ?? master.address;
  const { ip, port } = master.address;
  state.world.event("+switch-master", `${master.name} ${ip} ${port} ${to.ip} ${to.port}`);
  switchTo(state, master, to);
}

function abort(context: CContext, master: CMaster, event: string): void {
  tell(context, event, master);
  master.isForced = false;
  master.promoted = null;
  enter(context, master, "none");
}

function enter(context: CContext, master: CMaster, step: CStep): void {
  master.step = step;
  master.stepChangedAt = context.state.world.now();
}

function isOver({ state }: CContext, master: CMaster): boolean {
  return state.world.now() - master.stepChangedAt > master.failoverTimeoutMs;
}

/** sentinelSelectSlave: by what INFO last told, whoever it follows and whatever it holds. */
function selectReplica({ state }: CContext, master: CMaster): CReplica | null {
  const now = state.world.now();
  const infoMs = master.sdown ? 5 * PING_PERIOD_MS : 3 * INFO_PERIOD_MS;
  const lostMs = (master.sdown ? now - master.sdownSince : 0) + 10 * master.downAfterMs;
  const [best = null] = [...master.replicas.values()]
    .filter(
      ({ sdown, link, priority, infoAt, masterLinkDownMs }) =>
        !sdown &&
        !link.disconnected &&
        now - link.lastValidPongAt <= 5 * PING_PERIOD_MS &&
        priority !== 0 &&
        now - infoAt <= infoMs &&
        masterLinkDownMs <= lostMs,
    )
    .sort(compare);
  return best;
}

function compare(a: CReplica, b: CReplica): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.offset !== b.offset) return b.offset - a.offset;
  return (a.runId ?? "~").toLowerCase() < (b.runId ?? "~").toLowerCase() ? -1 : 1;
}
