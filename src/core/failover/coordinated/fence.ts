import type { Reply } from "../../../base/reply.ts";
import type { Context } from "../../context.ts";
import { type Fence, keep } from "../../extra.ts";
import { isLeftBehind } from "../../namesakes.ts";
import { isPending, send } from "../../send.ts";
import type { Master, RedisInstance, RequestId } from "../../state.ts";
import { type Coordinated, type Hold, newHold } from "./plan.ts";

/** The names that every release knows; later ones have others, too. */
const TO_WRITE = "min-slaves-to-write";
const MAX_LAG = "min-slaves-max-lag";
/**
 * No server has so many replicas. The old value is added, so that whoever finds such a number knows what it was, be
 * the Sentinel that set it gone for good.
 */
const BEYOND_REACH = 1_000_000_000;
/** More servers of one name are not left so. */
const MAX_FENCES = 8;
/** A server may get an order so long after it left: TCP sends it again, be the connection closed meanwhile. */
const UNDER_WAY_MS = 120_000;

/** What the master was asked before its writes are refused [COORD-FENCE]. */
export type Fencing = { readonly step: "asked" | "keeping" | "kept"; readonly value: number };

/** The words that have a server refuse writes, or take them as before. */
export function fenceWords(value: number, isOn: boolean): readonly string[] {
  return ["CONFIG", "SET", TO_WRITE, `${isOn ? BEYOND_REACH + value : value}`];
}

export const ASK_FENCE: readonly string[] = ["CONFIG", "GET", "min-slaves-*"];

/**
 * What comes before the order to refuse writes: how many replicas it wants, which is on our disk before it is changed.
 * Then the order, and what it has from then on: the commands of one connection come one after the other.
 */
export function fenceOff(ctx: Context, master: Master, plan: Coordinated): Hold | null {
  const { command } = master.link;
  if (!command?.up) return null;
  const why = whyNot(ctx, master, plan);
  if (why !== null) return { ...newHold(ctx, command.id), refusal: why };
  if (plan.fencing === null) {
    const request = send(ctx, master, "fence", ASK_FENCE);
    if (request !== null) plan.fencing = { step: "asked", value: 0 };
    return null;
  }
  if (plan.fencing.step !== "kept") return null;
  const request = send(ctx, master, "hold", fenceWords(plan.fencing.value, true));
  const order = { request, at: ctx.now };
  master.fences = master.fences.map((one) => (isAt(one, master) ? { ...one, order } : one));
  send(ctx, master, "frozen", ["INFO"]);
  return newHold(ctx, command.id);
}

/** What might leave it refusing writes. */
function whyNot(ctx: Context, master: Master, { fencing }: Coordinated): string | null {
  const { failover, fences } = master;
  const promoted = failover?.promoted;
  if (promoted && isLeftBehind(ctx, master, promoted.address, failover.epoch)) {
    return "another name watches that master, and would stay with it";
  }
  if (fencing !== null) return null;
  const isOpen = fences.some((one) => isAt(one, master) && isUnderWay(ctx, master, one));
  return isOpen ? "an order of before to refuse writes may still be on its way to it" : null;
}

/** The server may still get the order to refuse writes, whatever it says now. */
export function isUnderWay(ctx: Context, server: RedisInstance, { order }: Fence): boolean {
  if (!order) return false;
  return ctx.now < order.at + UNDER_WAY_MS || isPending(server, order.request);
}

/** The order was obeyed or refused, and comes no more. */
export function hearOrder(master: Master, request: RequestId): void {
  master.fences = master.fences.map((one) => {
    if (one.order?.request !== request) return one;
    const { order: _, ...rest } = one;
    return rest;
  });
}

/** It takes writes as before. It is looked after until that is certain (fences.ts). */
export function liftFence(ctx: Context, master: Master, { fencing }: Coordinated): void {
  if (fencing?.step === "kept") send(ctx, master, "release", fenceWords(fencing.value, false));
}

/** What it answered; a text: why its writes cannot be refused. */
export function hearFenceAnswer(
  ctx: Context,
  master: Master,
  plan: Coordinated,
  reply: Reply,
): string | null {
  const { command } = master.link;
  if (plan.fencing?.step !== "asked" || !command) return null;
  if (reply.type === "error") return `the master refuses CONFIG GET: ${reply.text}`;
  const settings = readSettings(reply);
  const value = fencedValue(settings.get(TO_WRITE));
  if (value === null) return "the master does not know min-slaves-to-write";
  if (settings.get(MAX_LAG) === "0") {
    return "min-slaves-max-lag is 0 there, so that min-slaves-to-write has no effect";
  }
  const others = master.fences.filter((one) => !isAt(one, master));
  if (others.length >= MAX_FENCES)
    return `${MAX_FENCES} servers wait to be given their min-slaves-to-write back`;
  master.fences = [...others, { address: hostPort(master), value: value.old, dueAt: ctx.now }];
  plan.fencing = { step: "keeping", value: value.old };
  keep(ctx, {
    client: null,
    ifKept: () => {
      plan.fencing = { step: "kept", value: value.old };
      return null;
    },
    ifNot: (later) => {
      const refusal = "its old value could not be written beside our file";
      plan.hold = { ...newHold(later, command.id), refusal };
      return null;
    },
  });
  return null;
}

/** What a server is to have; `isOn`: somebody has it refuse writes now. */
export function fencedValue(text: string | undefined): { old: number; isOn: boolean } | null {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  const isOn = value >= BEYOND_REACH;
  return { old: isOn ? value - BEYOND_REACH : value, isOn };
}

/** The value of `min-slaves-to-write` in the answer to ASK_FENCE. */
export function toWriteOf(reply: Reply): string | undefined {
  return readSettings(reply).get(TO_WRITE);
}

/** Name and value in turns. */
function readSettings(reply: Reply): Map<string, string> {
  const settings = new Map<string, string>();
  if (reply.type !== "array") return settings;
  for (let at = 0; at + 1 < reply.items.length; at += 2) {
    const [name, value] = [reply.items[at], reply.items[at + 1]];
    if (name?.type === "bulk" && value?.type === "bulk") settings.set(name.text, value.text);
  }
  return settings;
}

function hostPort({ address: { host, port } }: RedisInstance): Fence["address"] {
  return { host, port };
}

function isAt({ address }: Fence, server: RedisInstance): boolean {
  return address.host === server.address.host && address.port === server.address.port;
}
