import { globMatcher } from "../../base/glob.ts";
import { strictInteger } from "../../base/integers.ts";
import { array, bulk, error, integer, map, type Reply } from "../../base/reply.ts";
import { isPort, makeAddress, namesAddress } from "../address.ts";
import type { Context } from "../context.ts";
import { decide } from "../decide.ts";
import { event } from "../event.ts";
import { keep } from "../extra.ts";
import type { Master } from "../state.ts";
import { controlCharacter, findMaster, hasControlCharacter, NO_SUCH_MASTER } from "./arguments.ts";
import type { Call, Handler, Handlers } from "./call.ts";
import { answerPause } from "./pause-reach.ts";

const MAX_SECONDS = 86_400n;
const MAX_REASON_BYTES = 200;
/** What another Sentinel may answer has an end, and so have the pauses of one name. */
const MAX_PAUSED_REPLICAS = 8;
const BAD_SECONDS = error(`ERR A pause lasts 1 to ${MAX_SECONDS} seconds`);
const NOT_KEPT = error(
  "ERR It is paused, but that could not be written beside the config file: a restart would end it",
);
const STILL_KEPT = error(
  "ERR It goes on, but that could not be written beside the config file: a restart would pause it again",
);

/**
 * `<name or pattern> <seconds> [REPLICA host port] [reason]`: maintenance with an end [D-PAUSE]. The answer tells
 * whether the Sentinels that are not paused are enough for a failover.
 */
const pause: Handler = (ctx, call) => {
  const [pattern = "", secondsText = "", ...words] = call.args;
  const masters = matching(ctx, pattern);
  const seconds = strictInteger(secondsText);
  if (masters.length === 0) return NO_SUCH_MASTER;
  if (seconds === null || seconds < 1n || seconds > MAX_SECONDS) return BAD_SECONDS;
  if (masters.some(({ failover }) => failover !== null)) {
    return error("INPROG A failover is in progress; pause when it has ended");
  }
  const isOfReplica = words[0]?.toLowerCase() === "replica";
  const reason = words.slice(isOfReplica ? 3 : 0).join(" ");
  if (reason.length > MAX_REASON_BYTES) {
    return error(`ERR a reason has at most ${MAX_REASON_BYTES} bytes`);
  }
  if (hasControlCharacter(reason)) return controlCharacter("reason");
  const until = ctx.now + Number(seconds) * 1_000;
  const told = ` #${seconds} s${reason === "" ? "" : `: ${reason}`}`;
  if (isOfReplica) return pauseReplica(ctx, call, masters, words, { until, reason, told });
  for (const master of masters) {
    master.pause = { until, reason };
    event(ctx, "warning", "+pause", master, told);
  }
  return keep(ctx, {
    client: call.input.client,
    ifKept: (later) => answerPause(later, call.input.client, masters),
    ifNot: () => NOT_KEPT,
  });
};

interface Terms {
  readonly until: number;
  readonly reason: string;
  readonly told: string;
}

/** It need not be known: one that is about to join may be paused before. */
function pauseReplica(
  ctx: Context,
  call: Call,
  masters: readonly Master[],
  [, host = "", portText = ""]: readonly string[],
  { until, reason, told }: Terms,
): Reply | null {
  const port = strictInteger(portText);
  const isUsable = port !== null && isPort(Number(port)) && makeAddress(ctx, host, Number(port));
  if (!isUsable) return error("ERR Invalid address of a replica");
  const address = { host, port: Number(port) };
  for (const master of masters) {
    const others = otherPauses(ctx, master, address);
    if (others.length >= MAX_PAUSED_REPLICAS) {
      return error(`ERR ${master.name} has ${MAX_PAUSED_REPLICAS} paused replicas already`);
    }
  }
  for (const master of masters) {
    master.pausedReplicas = [...otherPauses(ctx, master, address), { address, until, reason }];
    event(ctx, "warning", "+pause", master, `${told} for replica ${host}:${portText}`);
  }
  const ok = array([bulk("OK"), bulk("It is not promoted, nor told whom to follow, by us")]);
  return keep(ctx, { client: call.input.client, ifKept: () => ok, ifNot: () => NOT_KEPT });
}

function otherPauses(
  ctx: Context,
  { pausedReplicas }: Master,
  { host, port }: { host: string; port: number },
) {
  const address = makeAddress(ctx, host, port);
  return pausedReplicas.filter(
    ({ address: other }) => !address || !namesAddress(ctx, address, other.host, other.port),
  );
}

/** `<name or pattern>`: how many of these were paused, and go on. */
const resume: Handler = (ctx, call) => {
  const paused = matching(ctx, call.args[0] ?? "").filter(
    ({ pause, pausedReplicas }) => pause !== null || pausedReplicas.length > 0,
  );
  if (paused.length === 0) return integer(0);
  for (const master of paused) {
    master.pause = null;
    master.pausedReplicas = [];
    event(ctx, "warning", "-pause", master, " #resumed on request");
    decide(ctx, master);
  }
  const count = integer(paused.length);
  return keep(ctx, { client: call.input.client, ifKept: () => count, ifNot: () => STILL_KEPT });
};

/** Those of one name, or all: what is paused, for how many more seconds, and why. */
const pauses: Handler = (ctx, { args }) => {
  const [name] = args;
  const found = name === undefined ? undefined : findMaster(ctx, name);
  if (name !== undefined && !found) return NO_SUCH_MASTER;
  const masters = found ? [found] : [...ctx.state.masters.values()];
  return array(masters.flatMap((master) => describe(ctx, master)));
};

function describe(ctx: Context, { name, pause, pausedReplicas }: Master): Reply[] {
  const entry = (replica: string, { until, reason }: { until: number; reason: string }) =>
    map([
      [bulk("master"), bulk(name)],
      [bulk("replica"), bulk(replica)],
      [bulk("seconds"), integer(Math.ceil((until - ctx.now) / 1_000))],
      [bulk("reason"), bulk(reason)],
    ]);
  const ofReplicas = pausedReplicas.map((one) =>
    entry(`${one.address.host}:${one.address.port}`, one),
  );
  return pause === null ? ofReplicas : [entry("", pause), ...ofReplicas];
}

/** The master of exactly this name; else those that the pattern matches. */
function matching(ctx: Context, pattern: string): Master[] {
  const found = findMaster(ctx, pattern);
  if (found) return [found];
  const matches = globMatcher(pattern);
  return [...ctx.state.masters.values()].filter(({ name }) => matches(name));
}

/** By what a client says after SENTINEL. */
export const pauseHandlers: Handlers = { pause, pauses, resume };
