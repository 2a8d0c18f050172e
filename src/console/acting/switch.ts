import { nameOf, type Place } from "../../quorum/place.ts";
import type { Output } from "../output.ts";
import { shown } from "../shown.ts";
import { switchByHand } from "./by-hand.ts";
import { confirms } from "./confirm.ts";
import { Events } from "./events.ts";
import { type DryRun, readDryRun } from "./ours.ts";
import { aborted, awaitSwitch, done, type Outcome, refused } from "./outcome.ts";
import { Panel } from "./panel.ts";
import { showReplicas, showTable } from "./show.ts";
import type { Tools, Wanted } from "./wanted.ts";
import { whomToTell } from "./whom.ts";

/** So long one Sentinel has for an answer. */
const ASK_MS = 2_000;

/** Moves the master of a name, by a Sentinel of ours if one answers, else with the help of any. */
export async function switchMaster(tools: Tools, wanted: Wanted): Promise<Outcome> {
  const { picture, isPlain, target } = wanted;
  const panel = new Panel(tools.access, ASK_MS);
  try {
    const one = whomToTell(picture);
    if (one === null) return refused("all Sentinels that know the master are in TILT, for 30 s");
    const { place } = one.asked;
    if (one.program.isOurs) return await switchByOurs(tools, wanted, panel, place);
    if (!isPlain) return await switchByHand(tools, wanted, panel, place);
    if (target !== null) return refused("--to needs a Sentinel of ours: say switchover");
    return await failOverByC(tools, wanted, panel, place);
  } finally {
    panel.close();
  }
}

async function switchByOurs(
  tools: Tools,
  wanted: Wanted,
  panel: Panel,
  place: Place,
): Promise<Outcome> {
  const { picture, isPlain, target } = wanted;
  const words = [
    ...["SENTINEL", "FAILOVER", picture.name],
    ...(isPlain ? [] : ["COORDINATED"]),
    ...(target === null ? [] : ["TO", target.host, `${target.port}`]),
  ];
  const told = await panel.ask(place, [...words, "DRYRUN"]);
  if (!told.ok) return refused(told.error);
  const plan = readDryRun(told.value);
  if (plan === null) return refused(`${nameOf(place)} does not say what it would do`);
  showPlan(tools.output, wanted, plan);
  const [obstacle] = plan.blockedBy;
  if (obstacle !== undefined) return refused(obstacle);
  if (wanted.isDryRun) return done("nothing was changed");
  const question = `Make ${plan.target} the master of ${shown(picture.name)}?`;
  if (!(await confirms(tools.output, question, wanted.isYes, tools.interrupted))) {
    return refused("not confirmed, nothing was changed");
  }
  return await order(tools, wanted, panel, place, words);
}

/** The order, and what comes of it. */
async function order(
  tools: Tools,
  wanted: Wanted,
  panel: Panel,
  place: Place,
  words: readonly string[],
): Promise<Outcome> {
  const { picture, isJson, isOnlyAsked, isPlain } = wanted;
  const { access, output, interrupted, deadline } = tools;
  const events = isOnlyAsked
    ? null
    : await Events.follow(access, place, picture.name, output, isJson);
  try {
    if (interrupted.aborted) return aborted("interrupted, nothing was changed");
    const told = await panel.ask(place, words);
    if (!told.ok) {
      const isAnswer = /^[A-Z]+ /.test(told.error);
      if (isAnswer) return refused(told.error);
      output.note(`${nameOf(place)}: ${told.error}; the others are asked what came of it`);
    }
    if (isOnlyAsked) return done("it has begun");
    return await awaitSwitch({ panel, picture, deadline, events, interrupted, isPlain });
  } finally {
    events?.close();
  }
}

async function failOverByC(
  tools: Tools,
  wanted: Wanted,
  panel: Panel,
  place: Place,
): Promise<Outcome> {
  const { picture } = wanted;
  const next = showReplicas(
    tools.output,
    wanted,
    "by a failover that loses what was not replicated",
  );
  if (next === null) return refused("no replica is fit");
  if (wanted.isDryRun) return done("nothing was changed");
  const question = `Fail ${shown(picture.name)} over to ${next}?`;
  if (!(await confirms(tools.output, question, wanted.isYes, tools.interrupted))) {
    return refused("not confirmed, nothing was changed");
  }
  return await order(tools, wanted, panel, place, ["SENTINEL", "FAILOVER", picture.name]);
}

function showPlan(output: Output, { picture, isJson }: Wanted, plan: DryRun): void {
  const { method, target, pauseLimitMs, blockedBy, replicas } = plan;
  if (isJson) {
    return output.jsonLine({
      ...{ name: shown(picture.name), method, target, blockedBy, pauseLimitMs },
    });
  }
  const how =
    pauseLimitMs > 0
      ? `by ${method}, writes held back for ${pauseLimitMs} ms at most`
      : "by a failover that loses what was not replicated";
  showTable(output, picture, target ?? "nobody", how, replicas);
  for (const one of blockedBy) output.line(output.paint("bad", `  in the way: ${one}`));
}
