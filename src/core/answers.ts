import { hearPauses } from "./commands/pause-reach.ts";
import { noteRefusal } from "./complaints.ts";
import type { Context } from "./context.ts";
import { hearDownReply } from "./down.ts";
import { masterOf } from "./event.ts";
import { hearFenced } from "./failover/coordinated/fences.ts";
import { hearHandOver } from "./failover/coordinated/hear.ts";
import { hearIdentity } from "./identity.ts";
import type { Input } from "./input.ts";
import type { InstanceLink, PendingRequest } from "./link-state.ts";
import { hearView } from "./peer-view.ts";
import { hearHelloReply, hearPong } from "./periodic.ts";
import { applyInfo } from "./refresh.ts";
import { hearExec, hearOrderReply } from "./role-order.ts";
import { hearMake } from "./tell.ts";
import { hearAuth } from "./trouble.ts";

/** An answer goes to where its question came from. */
export function hearAnswer(
  ctx: Context,
  { kind, owner }: PendingRequest,
  { connection, request, reply }: Input & { type: "reply" },
): void {
  switch (kind) {
    case "ping":
      return hearPong(ctx, owner, reply);
    case "hello": {
      const refusal = reply.type === "error" ? reply.text : null;
      if (owner.kind === "sentinel") noteRefusal(ctx, owner, "helloRefusal", refusal);
      return hearHelloReply(ctx, owner, reply.type === "integer");
    }
    case "info":
      if (owner.kind !== "sentinel" && reply.type === "bulk") applyInfo(ctx, owner, reply.text);
      return;
    case "ask":
    case "ask-dissent":
      if (owner.kind === "sentinel") hearDownReply(ctx, owner, kind, request, reply);
      return;
    case "identity":
      if (owner.kind === "sentinel") hearIdentity(ctx, owner, reply);
      return;
    case "view":
      if (owner.kind === "sentinel") hearView(ctx, owner, reply);
      return;
    case "multi":
    case "slaveof":
    case "rewrite":
    case "kill":
    case "unpause":
    case "abort":
      if (owner.kind !== "sentinel") hearOrderReply(ctx, owner, kind, reply);
      return;
    case "exec":
      if (owner.kind !== "sentinel") hearExec(ctx, owner, request, reply);
      return;
    case "pauses":
      if (owner.kind === "sentinel") hearPauses(ctx, owner, request, reply);
      return;
    case "hold":
    case "frozen":
    case "caught-up":
    case "extend":
    case "release":
    case "demote":
    case "hand-over":
    case "fence":
    case "recheck":
      if (owner.kind !== "sentinel") hearHandOver(ctx, owner, { kind, request, connection, reply });
      return;
    case "unfence":
      if (owner.kind !== "sentinel") hearFenced(ctx, masterOf(owner), owner, reply);
      return;
    case "auth":
      // What it refused to a Sentinel that it did not know, it may do now.
      if (reply.type !== "error") forgetRefusals(ctx, owner.link);
      return hearAuth(ctx, owner, reply);
    case "make":
      return hearMake(owner, reply.type === "bulk" ? reply.text : "");
    case "old-hello":
    case "ignored":
      return;
    default:
      return kind satisfies never;
  }
}

/** The connection is one for all masters that we share with it. */
function forgetRefusals(ctx: Context, { owners }: InstanceLink): void {
  for (const owner of owners) {
    if (owner.kind !== "sentinel") continue;
    noteRefusal(ctx, owner, "refusal", null);
    noteRefusal(ctx, owner, "helloRefusal", null);
  }
}
