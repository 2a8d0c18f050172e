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
/** What a C Sentinel says, and one of ours that is older than pauses: it has none. */
const KNOWS_NO_PAUSE = /unknown subcommand|unknown sentinel subcommand/i;

/** A client waits for what the other Sentinels say of their pauses. */
export interface PauseCall {
  readonly client: ClientId;
  readonly masters: readonly Master[];
  readonly waiting: Set<RequestId>;
  readonly heard: HeardPauses;
  readonly until: Millis;
  readonly answer: (ctx: Context, heard: HeardPauses) => Reply;
}

/** By the name of the master, whether each one is paused that said so. */
type HeardPauses = ReadonlyMap<string, Map<RunId, boolean>>;

/**
 * A pause holds back this Sentinel only: asks the others whether they are paused, too, and says whether those that are
 * not could fail over.
 */
export function answerPause(
  ctx: Context,
  client: ClientId,
  masters: readonly Master[],
): Reply | null {
  return askPauses(ctx, client, masters, (_, heard) => reach(masters, heard));
}

/**
 * Asks the others whether they are paused, and answers once all have said so, or had time to. A question that is under
 * way already serves for this one, too: whoever asks us all the time does not make us ask others all the time.
 */
export function askPauses(
  ctx: Context,
  client: ClientId,
  masters: readonly Master[],
  answer: PauseCall["answer"],
): Reply | null {
  const asked = masters.slice(0, MOST_ASKED);
  const waiting = new Set<RequestId>();
  for (const master of asked) {
    for (const peer of master.sentinels.values()) {
      if (peer.link.isOurs === false) continue;
      const request =
        underWay(peer) ?? send(ctx, peer, "pauses", ["SENTINEL", "PAUSES", master.name]);
      if (request !== null) waiting.add(request);
    }
  }
  const heard = new Map(asked.map((master) => [master.name, withoutPauses(master)]));
  if (waiting.size === 0) return answer(ctx, heard);
  ctx.state.pauseCalls.push({
    ...{ client, masters, waiting, heard, answer },
    until: ctx.now + PATIENCE_MS,
  });
  return null;
}

/** C Sentinels have none: to ask them would only raise their count of errors. */
function withoutPauses({ sentinels }: Master): Map<RunId, boolean> {
  const those = [...sentinels.values()].filter(({ link }) => link.isOurs === false);
  return new Map(those.map(({ runId }) => [runId, false]));
}

function underWay(peer: PeerSentinel): RequestId | null {
  for (const [request, { kind, owner }] of peer.link.pending) {
    if (kind === "pauses" && owner === peer) return request;
  }
  return null;
}

/** A Sentinel says which of its pauses are about the name. */
export function hearPauses(
  ctx: Context,
  { runId, master, link }: PeerSentinel,
  request: RequestId,
  reply: Reply,
): void {
  const hasNone = reply.type === "error" && KNOWS_NO_PAUSE.test(reply.text);
  if (hasNone) link.isOurs ??= false;
  const isTold = reply.type !== "error" || hasNone;
  for (const { waiting, heard } of ctx.state.pauseCalls) {
    if (!waiting.delete(request) || !isTold) continue;
    heard.get(master.name)?.set(runId, isMasterPaused(reply));
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
  for (const { client, heard, answer } of due) {
    ctx.effects.push({ type: "reply", client, reply: answer(ctx, heard) });
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

function reach(masters: readonly Master[], heard: HeardPauses): Reply {
  const asked = masters.slice(0, MOST_ASKED);
  const sentences = asked.map((master) => freeOf(master, heard.get(master.name)));
  const open = sentences.filter(({ isOpen }) => isOpen);
  const shown = open[0] ?? sentences[0];
  const more = open.length > 1 ? ` (and for ${open.length - 1} more)` : "";
  return array([bulk("OK"), bulk(`${shown?.text ?? ""}${more}`)]);
}

/** Who does not say it is one that may fail over. */
function freeOf(
  master: Master,
  heard: ReadonlyMap<RunId, boolean> = new Map(),
): { isOpen: boolean; text: string } {
  const peers = [...master.sentinels.keys()];
  const all = peers.length + 1;
  const free = peers.filter((id) => heard.get(id) !== true).length;
  const silent = peers.filter((id) => !heard.has(id)).length;
  const isOpen = free >= votesNeeded(master);
  const what = isOpen ? "still possible" : "not possible";
  const unsaid =
    silent === 0 ? "" : `, ${silent} of them ${silent === 1 ? "does" : "do"} not say it`;
  const who = `${free} of ${all} Sentinels ${free === 1 ? "is" : "are"} not paused${unsaid}`;
  return { isOpen, text: `${who}: automatic failover is ${what}` };
}
