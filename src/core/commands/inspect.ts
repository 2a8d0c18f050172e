import { array, bulk, integer, NIL, NIL_ARRAY, type Reply } from "../../base/reply.ts";
import { shownHost } from "../address.ts";
import type { Context } from "../context.ts";
import { currentAddress } from "../records.ts";
import type { Address, Master, RedisInstance, SentinelState } from "../state.ts";
import { findMaster, NO_SUCH_MASTER } from "./arguments.ts";
import type { Handler, Handlers } from "./call.ts";
import { describeInstance } from "./instance-fields.ts";
import { tabulate } from "./tables.ts";

const masters: Handler = (ctx, call) => tabulate(ctx, call, ctx.state.masters);

const master: Handler = (ctx, { args }) => {
  const found = findMaster(ctx, args[0]);
  return found ? describeInstance(ctx, found) : NO_SUCH_MASTER;
};

const replicas: Handler = (ctx, call) => {
  const found = findMaster(ctx, call.args[0]);
  return found ? tabulate(ctx, call, found.replicas) : NO_SUCH_MASTER;
};

const sentinels: Handler = (ctx, call) => {
  const found = findMaster(ctx, call.args[0]);
  return found ? tabulate(ctx, call, found.sentinels) : NO_SUCH_MASTER;
};

/** Where clients find the master: the promoted replica as soon as its promotion was observed. */
export function masterAddress({ masters, settings }: SentinelState, name: string): Reply {
  const found = masters.get(name);
  if (!found) return NIL_ARRAY;
  const address = currentAddress(found);
  return addressReply(address, shownHost(settings, address));
}

const getMasterAddr: Handler = (ctx, { args }) => masterAddress(ctx.state, args[0] ?? "");

/** The last answer about an address. What is the same reply again need not be encoded again. */
const ADDRESS_REPLIES = new WeakMap<Address, { readonly host: string; readonly reply: Reply }>();

function addressReply(address: Address, host: string): Reply {
  const last = ADDRESS_REPLIES.get(address);
  if (last?.host === host) return last.reply;
  const reply = array([bulk(host), bulk(`${address.port}`)]);
  ADDRESS_REPLIES.set(address, { host, reply });
  return reply;
}

/** For each known name: the age in ms and text of the last INFO, master first. Never a map. */
const infoCache: Handler = (ctx, { args }) => {
  const known = args.map((name) => findMaster(ctx, name)).filter((one) => one !== undefined);
  return array([...new Set(known)].flatMap((one) => [bulk(one.name), cachedInfo(ctx, one)]));
};

function cachedInfo(ctx: Context, one: Master): Reply {
  const entry = ({ infoAt, infoText }: RedisInstance) =>
    array([
      integer(infoAt === null ? 0 : ctx.now - infoAt),
      infoText === null ? NIL : bulk(infoText),
    ]);
  return array([entry(one), ...[...one.replicas.values()].map(entry)]);
}

export const inspectionHandlers: Handlers = {
  masters,
  primaries: masters,
  master,
  primary: master,
  "get-master-addr-by-name": getMasterAddr,
  "get-primary-addr-by-name": getMasterAddr,
  replicas,
  slaves: replicas,
  sentinels,
  "info-cache": infoCache,
};
