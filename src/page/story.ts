import { partsOf } from "../explain/payload.ts";
import { placeText } from "./say.ts";
import type { Master, PageEvent, Sentinel } from "./status.ts";

/** An event in an operator's words. */
export interface Told {
  readonly event: PageEvent;
  readonly text: string;
}

/** Events that come many times a second where there are many masters, and say what others say. */
const NOISE = new Set(["+slave", "+sentinel", "+script-child", "-script-child"]);

/** What was said of a master, and of the Sentinel as a whole; the newest first. */
export function storyOf(
  events: readonly PageEvent[],
  master: Master,
  sentinel: Sentinel,
  most: number,
): Told[] {
  const told: Told[] = [];
  for (let at = events.length - 1; at >= 0 && told.length < most; at--) {
    const event = events[at];
    if (event === undefined || NOISE.has(event.name)) continue;
    const about = masterNamed(event);
    if (about !== null && about !== master.name) continue;
    told.push({ event, text: named(event.text ?? event.payload, master, sentinel) });
  }
  return told;
}

/** The name of the master that an event is about; null: of none alone. */
export function masterNamed({ name, payload }: PageEvent): string | null {
  if (name === "+switch-master") return payload.split(" ").slice(0, -4).join(" ");
  return partsOf(payload, "instance")?.master ?? null;
}

/** An id says nothing to who reads it, the address of the Sentinel does. */
function named(text: string, { sentinels }: Master, { runId }: Sentinel): string {
  const own = text.replace(`votes for Sentinel ${runId.slice(0, 8)}`, "votes for itself");
  return own.replace(/\bSentinel ([0-9a-f]{8})\b/g, (whole, id: string) => {
    if (runId.startsWith(id)) return "this Sentinel";
    const peer = sentinels.find((one) => one.runId.startsWith(id));
    return peer === undefined ? whole : `Sentinel ${placeText(peer)}`;
  });
}

/** The newer events behind those known; at most `most` are kept. */
export function joined(known: readonly PageEvent[], more: readonly PageEvent[], most: number) {
  const ids = new Set(known.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !ids.has(id));
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-most);
}
