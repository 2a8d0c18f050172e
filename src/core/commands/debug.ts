import { strictNumber } from "../../base/integers.ts";
import { array, bulk, bulkMap, error, map, OK, type Reply } from "../../base/reply.ts";
import type { Context } from "../context.ts";
import type { Periods } from "../defaults.ts";
import { planEverything } from "../schedule.ts";
import type { ScriptJob } from "../state.ts";
import type { Handler, Handlers } from "./call.ts";

const PERIOD_NAMES: ReadonlyMap<string, keyof Periods> = new Map([
  ["info-period", "infoPeriod"],
  ["ping-period", "pingPeriod"],
  ["ask-period", "askPeriod"],
  ["publish-period", "publishPeriod"],
  ["default-down-after", "defaultDownAfter"],
  ["default-failover-timeout", "defaultFailoverTimeout"],
  ["tilt-trigger", "tiltTrigger"],
  ["tilt-period", "tiltPeriod"],
  ["slave-reconf-timeout", "slaveReconfTimeout"],
  ["min-link-reconnect-period", "minLinkReconnectPeriod"],
  ["election-timeout", "electionTimeout"],
  ["script-max-runtime", "scriptMaxRuntime"],
  ["script-retry-delay", "scriptRetryDelay"],
]);

/** Shows the periods, or changes some from left to right until the first error. Never saved. */
const debug: Handler = (ctx, { args }) => {
  const { periods } = ctx.state;
  if (args.length === 0) {
    return bulkMap(
      [...PERIOD_NAMES].map(([name, field]) => [name.toUpperCase(), `${periods[field]}`]),
    );
  }
  for (let i = 0; i < args.length; i += 2) {
    const refusal = setPeriod(periods, args[i] ?? "", args[i + 1]);
    if (refusal) return planned(ctx, refusal);
  }
  return planned(ctx, OK);
};

/** Once, however many periods were changed. */
function planned(ctx: Context, reply: Reply): Reply {
  planEverything(ctx);
  return reply;
}

function setPeriod(periods: Periods, name: string, value: string | undefined): Reply | null {
  const field = PERIOD_NAMES.get(name.toLowerCase());
  if (!field || value === undefined) {
    return error(`ERR Unknown option or number of arguments for SENTINEL DEBUG '${name}'`);
  }
  const ms = strictNumber(value, 1, Number.MAX_SAFE_INTEGER);
  if (ms === null) return error(`ERR Invalid argument '${value}' for SENTINEL DEBUG '${name}'`);
  periods[field] = ms;
  return null;
}

/**
 * Makes the process end with status 99 at a point of its next failover, to rehearse the worst
 * [SENTINEL-FAILURE].
 */
const simulateFailure: Handler = (ctx, { args }) => {
  const flags = ctx.state.simulateFailure;
  flags.afterElection = false;
  flags.afterPromotion = false;
  for (const word of args) {
    const name = word.toLowerCase();
    if (name === "crash-after-election") flags.afterElection = true;
    else if (name === "crash-after-promotion") flags.afterPromotion = true;
    else if (name === "help") {
      return array([bulk("crash-after-election"), bulk("crash-after-promotion")]);
    } else return error("ERR Unknown failure simulation specified");
  }
  return OK;
};

const pendingScripts: Handler = (ctx) =>
  array(ctx.state.scripts.map((job) => describeJob(job, ctx.now)));

function describeJob(job: ScriptJob, now: number): Reply {
  const { runningSince } = job;
  const time: [string, number] =
    runningSince === null
      ? ["run-delay", Math.max(0, job.startAt - now)]
      : ["run-time", now - runningSince];
  return map([
    [bulk("argv"), array(job.argv.map(bulk))],
    [bulk("flags"), bulk(runningSince === null ? "scheduled" : "running")],
    [bulk("pid"), bulk(`${job.pid}`)],
    [bulk(time[0]), bulk(`${time[1]}`)],
    [bulk("retry-num"), bulk(`${job.retryNum}`)],
  ]);
}

export const debugHandlers: Handlers = {
  debug,
  "simulate-failure": simulateFailure,
  "pending-scripts": pendingScripts,
};
