import { globMatcher } from "../../base/glob.ts";
import { strictInteger } from "../../base/integers.ts";
import { bulk, error, integer, type Reply } from "../../base/reply.ts";
import { isPort } from "../address.ts";
import type { MasterConfig } from "../config.ts";
import { type Context, log } from "../context.ts";
import { event } from "../event.ts";
import { liftFences, tellLostFences } from "../failover/coordinated/fences.ts";
import { createMaster, removeMaster, resetMaster } from "../instance.ts";
import { parseIp } from "../ip.ts";
import { MAX_MASTER_NAME_BYTES, MAX_MASTERS } from "../limits.ts";
import { reconnect } from "../link.ts";
import { DEFAULT_SETTINGS, MAX_COUNT } from "../master-settings.ts";
import { fromOldSpelling } from "../old-address.ts";
import { promotedSinceReconf } from "../records.ts";
import { lookUp, readyOrParked } from "../resolve.ts";
import { switchMaster } from "../switch-master.ts";
import { controlCharacter, findMaster, hasControlCharacter, NO_SUCH_MASTER } from "./arguments.ts";
import { type Handler, type Handlers, replyOnceSaved } from "./call.ts";

const BAD_ADDRESS = error("ERR Invalid IP address or hostname specified");

const myId: Handler = (ctx) => bulk(ctx.state.myId);

const flushConfig: Handler = (ctx, call) => replyOnceSaved(ctx, call);

const monitor: Handler = (ctx, call) => {
  const [name = "", given = "", portText = "", quorumText = ""] = call.args;
  const host = addressOf(ctx, given);
  const quorum = strictInteger(quorumText);
  const port = strictInteger(portText);
  if (quorum === null || quorum > BigInt(MAX_COUNT)) return error("ERR Invalid quorum");
  if (port === null) return error("ERR Invalid port");
  if (quorum <= 0n) return error("ERR Quorum must be 1 or greater.");
  if (name.length > MAX_MASTER_NAME_BYTES) {
    return error(`ERR a name has at most ${MAX_MASTER_NAME_BYTES} bytes at a Sentinel`);
  }
  if (hasControlCharacter(name)) return controlCharacter("name of a master");
  if (ctx.state.masters.size >= MAX_MASTERS) {
    return error(`ERR SENTINEL MONITOR adds no master above ${MAX_MASTERS}`);
  }
  if (!readyOrParked(ctx, [host], call.input)) return null;
  const refusal = refuse(ctx, name, host, Number(port));
  if (refusal) return refusal;
  const master = createMaster(ctx, newMaster(ctx, name, host, Number(port), Number(quorum)));
  if (!master) return BAD_ADDRESS;
  event(ctx, "warning", "+monitor", master, ` quorum ${quorum}`);
  reconnect(ctx, master);
  return replyOnceSaved(ctx, call);
};

/** Written in full if it is given as `127.1`; while names resolve, the resolver reads that, as in the file. */
function addressOf(ctx: Context, given: string): string {
  const { resolveHostnames } = ctx.state.settings;
  const host = resolveHostnames || parseIp(given) !== null ? given : fromOldSpelling(given);
  if (host === null || host === given) return given;
  log(ctx, "warning", `'${given}' is taken as ${host}, as a C Sentinel takes it`);
  return host;
}

function refuse(ctx: Context, name: string, host: string, port: number): Reply | null {
  const isHostName = ctx.state.settings.resolveHostnames && lookUp(ctx, host).ip !== null;
  if (parseIp(host) === null && !isHostName) return BAD_ADDRESS;
  if (!isPort(port)) return error("ERR Invalid port number.");
  return ctx.state.masters.has(name) ? error("ERR Duplicate master name.") : null;
}

/**
 * Counts as having voted in every epoch up to now: whoever removes a master and monitors it again
 * must not make us vote twice in one epoch [D-REMONITOR] [I1].
 */
function newMaster(
  { state: { periods, currentEpoch } }: Context,
  name: string,
  host: string,
  port: number,
  quorum: number,
): MasterConfig {
  const { defaultDownAfter: downAfterMs, defaultFailoverTimeout: failoverTimeoutMs } = periods;
  return {
    ...{ name, host, port },
    settings: { ...DEFAULT_SETTINGS, quorum, downAfterMs, failoverTimeoutMs },
    ...{ configEpoch: 0n, leaderEpoch: currentEpoch },
    ...{ replicas: [], sentinels: [] },
  };
}

const remove: Handler = (ctx, call) => {
  const master = findMaster(ctx, call.args[0]);
  if (!master) return NO_SUCH_MASTER;
  event(ctx, "warning", "-monitor", master);
  liftFences(ctx, master);
  removeMaster(ctx, master);
  return replyOnceSaved(ctx, call);
};

/** Forgets what was learnt of every master whose name matches. Saved, other than upstream [D-RESET-SAVED]. */
const reset: Handler = (ctx, call) => {
  const [pattern = ""] = call.args;
  const matches = globMatcher(pattern);
  const chosen = [...ctx.state.masters.values()].filter(({ name }) => matches(name));
  for (const master of chosen) {
    // A promotion that was observed stands: its config epoch must not fall back to the old address.
    const promoted = promotedSinceReconf(master);
    if (promoted) switchMaster(ctx, master, promoted.address);
    resetMaster(ctx, master, false);
    event(ctx, "warning", "+reset-master", master);
    tellLostFences(ctx, master);
    reconnect(ctx, master);
  }
  if (chosen.length === 0) return integer(0);
  return replyOnceSaved(ctx, call, integer(chosen.length));
};

export const managementHandlers: Handlers = {
  monitor,
  remove,
  reset,
  myid: myId,
  flushconfig: flushConfig,
};
