import type { Parts } from "../payload.ts";
import type { LogNote } from "./entry.ts";
import type { NoteSighting } from "./sighting.ts";

/** Events that are incidents of their own. */
const KINDS: ReadonlyMap<string, LogNote["kind"]> = new Map<string, LogNote["kind"]>([
  ["+monitor", "monitor"],
  ["-monitor", "remove"],
  ["+reset-master", "reset"],
  ["+reset-epoch", "reset-epoch"],
  ["+pause", "pause"],
  ["-pause", "pause"],
  ["-slave", "forget"],
  ["-sentinel", "forget"],
  ["+guard-reborn", "guard"],
  ["+guard-lineage", "guard"],
  ["+guard-lag", "guard"],
  ["+shutdown-announced", "leaving"],
  ["+convert-to-slave", "returned"],
  ["+fix-slave-config", "repaired"],
  ["+reboot", "reboot"],
  ["-script-error", "script"],
  ["-script-timeout", "script"],
]);

/** What is said again within this time is said once: a name is looked up each second. */
const REPEAT_MS = 60_000;

export function eventNoteKind(name: string, about: Parts["kind"]): LogNote["kind"] | null {
  // A replica that was started anew is an everyday matter.
  if (name === "+reboot" && about !== "master") return null;
  return KINDS.get(name) ?? null;
}

export function isRepeat(note: NoteSighting, last: NoteSighting): boolean {
  const isAlike = note.kind === last.kind && note.name === last.name && note.text === last.text;
  return isAlike && note.result === last.result && note.endedMs - last.endedMs < REPEAT_MS;
}
