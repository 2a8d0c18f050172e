import { shownHost } from "./address.ts";
import type { Context } from "./context.ts";
import type { LogLevel } from "./effect.ts";
import { scheduleScript } from "./script-queue.ts";
import type { Instance, Master, Settings } from "./state.ts";

/** Longest payload of an event, in bytes (sentinelEvent). */
const MAX_PAYLOAD = 1_023;

export function masterOf(instance: Instance): Master {
  return instance.kind === "master" ? instance : instance.master;
}

/** `master <name> <ip> <port>`, or `<slave|sentinel> ... @ <master> <ip> <port>` [EVENT-FORM]. */
export function describe(settings: Settings, instance: Instance): string {
  const own = (one: Instance) =>
    `${nameOf(one)} ${shownHost(settings, one.address)} ${one.address.port}`;
  if (instance.kind === "master") return `master ${own(instance)}`;
  const kind = instance.kind === "replica" ? "slave" : "sentinel";
  return `${kind} ${own(instance)} @ ${own(instance.master)}`;
}

export function nameOf(instance: Instance): string {
  return instance.kind === "sentinel" ? instance.runId : instance.name;
}

/**
 * Says that something happened to an instance: logged, published, and handed to the master's
 * notification script if it is a warning (sentinelEvent).
 */
export function event(
  ctx: Context,
  level: LogLevel,
  name: string,
  instance: Instance,
  rest = "",
): void {
  ctx.journal?.hear(ctx, { name, about: instance, rest });
  const payload = `${describe(ctx.state.settings, instance)}${rest}`;
  say(ctx, level, name, payload, masterOf(instance));
}

/** An event whose payload is not the description of an instance; `master`'s script hears of it. */
export function emit(
  ctx: Context,
  level: LogLevel,
  name: string,
  text: string,
  master: Master | null = null,
): void {
  ctx.journal?.hear(ctx, { name, about: master, rest: text });
  say(ctx, level, name, text, master);
}

function say(
  ctx: Context,
  level: LogLevel,
  name: string,
  text: string,
  master: Master | null,
): void {
  const payload = text.slice(0, MAX_PAYLOAD);
  ctx.effects.push({ type: "event", level, name, payload });
  if (master !== null && ctx.touched.at(-1) !== master) ctx.touched.push(master);
  const script = master?.settings.notificationScript;
  if (level === "warning" && script) scheduleScript(ctx, [script, name, payload]);
}
