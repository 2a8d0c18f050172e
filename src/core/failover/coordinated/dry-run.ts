import { array, bulk, integer, map, NIL, type Reply } from "../../../base/reply.ts";
import type { Context } from "../../context.ts";
import { DRY_RUN_WAIT_MS } from "../../defaults.ts";
import type { ClientId } from "../../input.ts";
import { sendInfo } from "../../periodic.ts";
import { unfitOnes } from "../../select-replica.ts";
import { isPending } from "../../send.ts";
import type { Master, Millis, RedisInstance, Replica } from "../../state.ts";
import type { AskedFor } from "../start.ts";
import { candidate, obstacles } from "./obstacles.ts";

/** A client waits for what a failover would do. */
export interface DryRun {
  readonly client: ClientId;
  readonly master: Master;
  readonly asked: AskedFor;
  readonly until: Millis;
}

/** Asks all servers how they are, and answers then [D-DRY-RUN]. Nothing else is done. */
export function startDryRun(ctx: Context, client: ClientId, master: Master, asked: AskedFor): null {
  for (const server of serversOf(master)) sendInfo(ctx, server);
  ctx.state.dryRuns.push({ client, master, asked, until: ctx.now + DRY_RUN_WAIT_MS });
  answerDryRuns(ctx);
  return null;
}

/** Answers those for which everybody has answered, or whose time is up. */
export function answerDryRuns(ctx: Context): void {
  const { state } = ctx;
  if (state.dryRuns.length === 0) return;
  const due = state.dryRuns.filter((run) => !isOpen(ctx, run));
  state.dryRuns = state.dryRuns.filter((run) => !due.includes(run));
  for (const run of due) {
    ctx.effects.push({ type: "reply", client: run.client, reply: answer(ctx, run) });
  }
}

function isOpen({ now, state }: Context, { master, until }: DryRun): boolean {
  if (now >= until || state.masters.get(master.name) !== master) return false;
  return serversOf(master).some((server) => isPending(server, server.infoRequest));
}

function serversOf(master: Master): RedisInstance[] {
  return [master, ...master.replicas.values()];
}

function answer(ctx: Context, { master, asked }: DryRun): Reply {
  const { coordinated, target } = asked;
  const chosen = candidate(ctx, master, target);
  const unfit = unfitOnes(ctx, master);
  const rows = [...master.replicas.values()].map((one) => describe(master, one, unfit.get(one)));
  return map([
    [bulk("method"), bulk(coordinated?.method ?? "plain")],
    [bulk("would-promote"), chosen ? bulk(chosen.name) : NIL],
    [bulk("blocked-by"), array(obstacles(ctx, master, asked).map(bulk))],
    [bulk("pause-limit-ms"), integer(coordinated?.limitMs ?? 0)],
    [bulk("replicas"), array(rows)],
  ]);
}

function describe(master: Master, replica: Replica, reason: string | undefined): Reply {
  const lag = master.replOffset > replica.replOffset ? master.replOffset - replica.replOffset : 0n;
  const version = /^redis_version:(\S+)/m.exec(replica.infoText ?? "")?.[1];
  const state = version === undefined ? `lag ${lag} bytes` : `lag ${lag} bytes, ${version}`;
  return array([replica.name, reason ? "unfit" : "fit", reason ?? state].map(bulk));
}
