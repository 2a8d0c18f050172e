import type {
  FailoverKind,
  FailoverRecord,
  FailoverResult,
  Phases,
  ServerPlace,
} from "../../base/journal-entry.ts";
import type { Context } from "../context.ts";
import { votesNeeded } from "../election.ts";
import { isPlanned } from "../failover/coordinated/plan.ts";
import type { Failover, Master, Millis, Replica } from "../state.ts";
import { candidatesOf, clipped, lackedBy, lostAt, placeOf, votesIn, whyDown } from "./facts.ts";

const NOT_YET: Phases = {
  ...{ sdown: null, odown: null, tried: null, elected: null },
  ...{ selected: null, promoted: null, followed: null, switched: null },
};

/** A failover of ours that has begun, and what is known of it so far. */
export class OpenFailover {
  readonly failover: Failover;
  readonly #master: Master;
  readonly #beganAt: Millis;
  readonly #begin: Pick<FailoverRecord, "kind" | "reason" | "by" | "from" | "leader">;
  #phases: Phases = NOT_YET;
  #to: ServerPlace | null = null;
  #votes: FailoverRecord["votes"] = [];
  #candidates: FailoverRecord["candidates"] = [];
  #lacked: FailoverRecord["lacked"] = null;
  /** Replicas that are waited for no longer. */
  readonly #unheard: string[] = [];
  /** Why it ends, said before its end is. */
  #ending: { readonly why: string; readonly result: FailoverResult | null } | null = null;

  constructor(ctx: Context, master: Master, failover: Failover) {
    const { now, by, state } = ctx;
    const isAsked = isPlanned(failover);
    const kind = kindOf(ctx, master, failover);
    const isOfDown = kind === "down" || kind === "guard";
    this.failover = failover;
    this.#master = master;
    this.#beganAt = isOfDown ? lostAt(ctx, master) : now;
    this.#begin = {
      ...{ kind, from: placeOf(ctx, master.address), leader: state.myId },
      reason: isOfDown ? clipped(whyDown(ctx, master)) : null,
      by: isAsked ? (by ?? null) : null,
    };
    const { sdown, sdownSince, odown, odownSince } = master;
    if (isOfDown && sdown && sdownSince !== null) this.#reach("sdown", sdownSince);
    if (isOfDown && odown && odownSince !== null) this.#reach("odown", odownSince);
    this.#reach("tried", now);
  }

  #reach(phase: keyof Phases, at: Millis): void {
    this.#phases = { ...this.#phases, [phase]: at - this.#beganAt };
  }

  elected(ctx: Context): void {
    this.#reach("elected", ctx.now);
    this.#noteVotes(ctx);
  }

  #noteVotes(ctx: Context): void {
    const votes = votesIn(ctx, this.#master, this.failover.epoch);
    // Peers forget who they voted for: what was known stays so.
    if (votes.length >= this.#votes.length) this.#votes = votes;
  }

  selected(ctx: Context, replica: Replica): void {
    this.#reach("selected", ctx.now);
    this.#to = placeOf(ctx, replica.address);
    this.#candidates = candidatesOf(ctx, this.#master, this.failover, replica);
    this.#lacked = lackedBy(ctx, this.#master, this.failover, replica);
  }

  promoted(ctx: Context, replica: Replica): void {
    this.#reach("promoted", ctx.now);
    // A planned switch knows it only once writes have stopped.
    if (this.failover.coordinated) {
      this.#lacked = lackedBy(ctx, this.#master, this.failover, replica);
    }
  }

  gaveUp({ name }: Replica): void {
    this.#unheard.push(name);
  }

  /** All replicas that are up follow, or those that do not are waited for no longer. */
  replicasDone(ctx: Context): void {
    const { promoted } = this.failover;
    for (const { name, reconf, sdown } of this.#master.replicas.values()) {
      if (name !== promoted?.name && reconf !== "done" && !sdown) this.#unheard.push(name);
    }
    if (promoted?.sdown) this.ending("the new master is down again");
    else if (this.#unheard.length === 0) this.#reach("followed", ctx.now);
    else this.ending(`these did not follow the new master in time: ${this.#unheard.join(", ")}`);
  }

  switched(ctx: Context): void {
    this.#reach("switched", ctx.now);
    this.#noteVotes(ctx);
  }

  ending(why: string, result: FailoverResult | null = null): void {
    this.#ending ??= { why: clipped(why), result };
  }

  /** Nobody was fit: why each of them was not. */
  foundNobody(ctx: Context): void {
    if (this.failover.promoted !== null) return;
    this.#to = null;
    this.#candidates = candidatesOf(ctx, this.#master, this.failover, null);
  }

  record(ctx: Context, result: FailoverResult, attempt: number): FailoverRecord {
    if (this.#phases.elected === null) this.#noteVotes(ctx);
    return {
      type: "failover",
      name: this.#master.name,
      ...this.#begin,
      result: this.#ending?.result ?? result,
      ending: this.#ending?.why ?? null,
      attempt,
      epoch: `${this.failover.epoch}`,
      to: this.#to,
      tookMs: ctx.now - this.#beganAt,
      phases: this.#phases,
      votes: this.#votes,
      votesNeeded: votesNeeded(this.#master),
      candidates: this.#candidates,
      lacked: this.#lacked,
    };
  }
}

function kindOf(
  { now }: Context,
  master: Master,
  { forced, coordinated, settles }: Failover,
): FailoverKind {
  if (settles) return "settle";
  // Begun in this moment because the server shuts down; any other is an operator's.
  if (coordinated) return master.leaving?.attemptedAt === now ? "handover" : "coordinated";
  if (forced) return "forced";
  return master.reborn?.heldSince != null ? "guard" : "down";
}
