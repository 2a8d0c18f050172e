import type { Attempt, Code, Situation } from "./situation.ts";
import { span } from "./span.ts";
import type { Cause } from "./why.ts";

/** A failover goes on: what it waits for. */
export function attemptCause(situation: Situation, attempt: Attempt): Cause {
  const { master } = situation;
  const { step, by, promoted, isPlanned, settles } = attempt;
  const target = promoted ?? "a replica";
  const since = attempt.stepMs === null ? "" : ` for ${span(attempt.stepMs)}`;
  if (settles) return busy("SETTLING", `${by} stands for election to settle which master counts`);
  switch (step) {
    case "wait_start":
      return busy("ELECTION", `${by} stands for election${since}: ${votes(situation, attempt)}`);
    case "select_slave":
      return selecting(situation, attempt, since);
    case "send_slaveof_noone":
      if (isPlanned)
        return busy("HANDING_OVER", `${master} holds writes back until ${target} has all`);
      return busy("PROMOTING", `${by} tells ${target} to become the master`);
    case "wait_promotion":
      return busy("PROMOTING", `${target} was told to become the master, which is awaited${since}`);
    default:
      return busy("FOLLOWING", `${target} is the master; the other replicas are told to follow it`);
  }
}

function votes({ quorum }: Situation, { votes: count, epoch }: Attempt): string {
  const needed = Math.max(quorum.majority, quorum.needed);
  const inEpoch = epoch === null ? "" : ` in epoch ${epoch}`;
  if (count === null) return `it needs ${needed} votes${inEpoch}`;
  return `it has ${count} of the ${needed} votes that it needs${inEpoch}`;
}

function selecting({ replicas }: Situation, attempt: Attempt, since: string): Cause {
  if (!attempt.isWaitingForReplica) {
    return busy("SELECTING", `${attempt.by} was elected, and chooses a replica${since}`);
  }
  const reasons = replicas.map(({ who, unfit }) => `${who}: ${unfit ?? "fit"}`).slice(0, SHOWN);
  const text = `${attempt.by} was elected, and waits for a fit replica${since}: ${reasons.join("; ")}`;
  const todo = ["mend what keeps one of the replicas from being fit"];
  return { verdict: "blocked", code: "NO_FIT_REPLICA", text, todo };
}

/** In one sentence. */
const SHOWN = 4;

function busy(code: Code, text: string): Cause {
  return { verdict: "busy", code, text, todo: [] };
}
