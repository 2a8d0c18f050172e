import { array, bulk, type Reply } from "../../base/reply.ts";
import type { Context } from "../context.ts";
import { votesNeeded } from "../election.ts";
import type { ClientId } from "../input.ts";
import { send } from "../send.ts";
import type { Master, Millis, PeerSentinel, RequestId, RunId } from "../state.ts";

/** So long the others have to say whether they are paused, too. */
const PATIENCE_MS = 300;
/** Of so many names they are asked. */
const MOST_ASKED = 8;

/** SENTINEL PAUSE waits for what the other Sentinels say. */
export interface PauseCall {
  readonly client: ClientId;
  readonly masters: readonly Master[];
  readonly waiting: Set<RequestId>;
  /** Those who are paused, by the name of the master. */
  readonly paused: Map<string, Set<RunId>>;
  readonly until: Millis;
}

/**
 * A pause holds back this Sentinel only: asks the others whether they are paused, too, and says whether those that are
 * not could fail over. A C Sentinel knows no pause, and its error says that it is none.
 */
export function answerPause(
  ctx: Context,
  client: ClientId,
  masters: readonly Master[],
): Reply | null {
  const waiting = new Set<RequestId>();
  for (const master of masters.slice(0, MOST_ASKED)) {
    for (const peer of master.sentinels.values()) {
      const request = send(ctx, peer, "pauses", ["SENTINEL", "PAUSES", master.name]);
      if (request !== null) waiting.add(request);
    }
  }
  const call = { client, masters, waiting, paused: new Map(), until: ctx.now + PATIENCE_MS };
  if (waiting.size === 0) return reach(call);
  ctx.state.pauseCalls.push(call);
  return null;
}

/** A Sentinel says which of its pauses are about the name. */
export function hearPauses(
  ctx: Context,
  { runId, master }: PeerSentinel,
  request: RequestId,
  reply: Reply,
): void {
  const call = ctx.state.pauseCalls.find(({ waiting }) => waiting.delete(request));
  if (!call) return;
  if (isMasterPaused(reply)) {
    const known = call.paused.get(master.name) ?? new Set();
    call.paused.set(master.name, known.add(runId));
  }
  answerDue(ctx);
}

/** Those who were heard out, and those who wait too long. */
export function answerDue(ctx: Context): void {
  const { state, now } = ctx;
  if (state.pauseCalls.length === 0) return;
  const isDue = ({ waiting, until }: PauseCall) => waiting.size === 0 || now >= until;
  const due = state.pauseCalls.filter(isDue);
  state.pauseCalls = state.pauseCalls.filter((one) => !isDue(one));
  for (const call of due) {
    ctx.effects.push({ type: "reply", client: call.client, reply: reach(call) });
  }
}

/** One entry is about the master itself: its field `replica` is empty. */
function isMasterPaused(reply: Reply): boolean {
  if (reply.type !== "array") return false;
  return reply.items.some((entry) => {
    if (entry.type !== "array") return false;
    const at = entry.items.findIndex((one) => one.type === "bulk" && one.text === "replica");
    const replica = at < 0 ? undefined : entry.items[at + 1];
    return replica?.type === "bulk" && replica.text === "";
  });
}

function reach({ masters, paused }: PauseCall): Reply {
  const asked = masters.slice(0, MOST_ASKED);
  const sentences = asked.map((master) => freeOf(master, paused.get(master.name)?.size ?? 0));
  const open = sentences.filter(({ isOpen }) => isOpen);
  const shown = open[0] ?? sentences[0];
  const more = open.length > 1 ? ` (and for ${open.length - 1} more)` : "";
  return array([bulk("OK"), bulk(`${shown?.text ?? ""}${more}`)]);
}

function freeOf(master: Master, pausedOthers: number): { isOpen: boolean; text: string } {
  const all = master.sentinels.size + 1;
  const free = all - 1 - pausedOthers;
  const isOpen = free >= votesNeeded(master);
  const what = isOpen ? "still possible" : "not possible";
  const who = `${free} of ${all} Sentinels ${free === 1 ? "is" : "are"} not paused`;
  return { isOpen, text: `${who}: automatic failover is ${what}` };
}
