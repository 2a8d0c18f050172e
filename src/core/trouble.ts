import type { Reply } from "../base/reply.ts";
import { type Context, log } from "./context.ts";
import { describe } from "./event.ts";
import type { InstanceLink, PendingRequest } from "./link-state.ts";
import type { Instance } from "./state.ts";

/** More reasons than this in one period of silence are not told. */
const MAX_TOLD = 8;
/** Longer errors of a server are cut. */
const MAX_REASON_LENGTH = 200;
/** Of the replies that nobody acts on, these say why the next PING will be refused. */
const ACCESS = /^(NOAUTH|WRONGPASS|NOPERM|DENIED|ERR (invalid password|AUTH|max number))/;
/** A server that answers so is there. */
const ALIVE = /^(LOADING|MASTERDOWN|BUSY)/;

/** Keeps why a link does not work; told beside +sdown, or at once to whoever is down already. */
export function noteTrouble(ctx: Context, link: InstanceLink, reason: string): void {
  link.trouble = reason.slice(0, MAX_REASON_LENGTH);
  for (const owner of link.owners) if (owner.sdown) tellTrouble(ctx, owner);
}

/** Keeps the refusal of a PING, and those of AUTH and its like; not that of a question that C does not know. */
export function noteRefusedReply(
  ctx: Context,
  { kind, owner }: PendingRequest,
  reply: Reply,
): void {
  if (reply.type !== "error" || kind === "pauses" || ALIVE.test(reply.text)) return;
  if (kind === "ping" || ACCESS.test(reply.text)) {
    const what = kind === "ignored" ? "a command" : kind.toUpperCase();
    noteTrouble(ctx, owner.link, `it refuses ${what}: ${reply.text}`);
  }
}

/** An AUTH on a connection that was up; refused, it goes on as whom it was [D-LIVE-AUTH]. */
export function hearAuth(ctx: Context, owner: Instance, reply: Reply): void {
  if (reply.type !== "error") return;
  const who = describe(ctx.state.settings, owner);
  const reason = reply.text.slice(0, MAX_REASON_LENGTH);
  log(
    ctx,
    "warning",
    `${who}: it refuses the new credentials, which the next connection needs: ${reason}`,
  );
}

/** The reason of a silence, once in it. */
export function tellTrouble(ctx: Context, instance: Instance): void {
  const { trouble, toldTroubles } = instance.link;
  const who = describe(ctx.state.settings, instance);
  if (trouble === null || toldTroubles.size >= MAX_TOLD) return;
  const text = `${who}: last error: ${trouble}`;
  if (toldTroubles.has(text)) return;
  toldTroubles.add(text);
  log(ctx, "notice", text);
}

export function forgetTrouble({ link }: Instance): void {
  link.trouble = null;
  link.toldTroubles.clear();
}
